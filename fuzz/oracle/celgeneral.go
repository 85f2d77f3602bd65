package main

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
)

// generalEnv is CEL as cel-go offers it outside Kubernetes: the standard
// library and every extension library in its newest version, costs tracked
// and unlimited.
func generalEnv(variables []cel.EnvOption) (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.EagerlyValidateDeclarations(true),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.EnableIdentifierEscapeSyntax(),
		cel.OptionalTypes(),
		ext.Bindings(),
		ext.Encoders(),
		ext.Lists(),
		ext.Math(),
		ext.Protos(),
		ext.Regex(),
		ext.Sets(),
		ext.Strings(),
		ext.TwoVarComprehensions(),
		cel.Lib(costTracking{}),
	}
	return cel.NewEnv(append(options, variables...)...)
}

// costTracking makes every program of an environment count its cost.
type costTracking struct{}

func (costTracking) CompileOptions() []cel.EnvOption { return nil }

func (costTracking) ProgramOptions() []cel.ProgramOption {
	return []cel.ProgramOption{
		cel.EvalOptions(cel.OptOptimize, cel.OptTrackCost),
		cel.CostTracking(nil),
	}
}
