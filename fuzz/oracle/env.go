package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// envRequest is one line of `oracle batch env`: which environment, as in
// `oracle batch cel`.
type envRequest struct {
	ID      json.RawMessage `json:"id"`
	Version string          `json:"version"`
	Stored  bool            `json:"stored"`
}

// envAnswer lists what an environment declares, sorted: overloads as
// `id: name(args) -> result`, a receiver before the name, and macros as
// `name:args:receiver`.
type envAnswer struct {
	ID        json.RawMessage `json:"id"`
	Functions []string        `json:"functions"`
	Macros    []string        `json:"macros"`
}

func newEnvKind() answerFunc {
	return func(line []byte) (any, error) {
		var request envRequest
		if err := decode(line, &request); err != nil {
			return nil, err
		}
		env, err := kubernetesEnv(&celRequest{Version: request.Version, Stored: request.Stored}, &celVariables{})
		if err != nil {
			return nil, err
		}
		answer := envAnswer{ID: request.ID}
		for name, function := range env.Functions() {
			for _, overload := range function.OverloadDecls() {
				var args []string
				for _, arg := range overload.ArgTypes() {
					args = append(args, arg.String())
				}
				call := name
				if overload.IsMemberFunction() {
					call, args = args[0]+"."+name, args[1:]
				}
				text := fmt.Sprintf("%s: %s(%s) -> %s", overload.ID(), call, strings.Join(args, ", "), overload.ResultType())
				answer.Functions = append(answer.Functions, text)
			}
		}
		for _, macro := range env.Macros() {
			answer.Macros = append(answer.Macros, macro.MacroKey())
		}
		slices.Sort(answer.Functions)
		slices.Sort(answer.Macros)
		return answer, nil
	}
}
