package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/google/cel-go/cel"

	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// benchExpression is an expression of the bench's corpus.
type benchExpression struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
}

// benchCommand times what becomes of expressions: `oracle bench compile` reads
// the corpus from stdin and prints peer, name and nanoseconds a line.
func benchCommand(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 || args[0] != "compile" {
		return fmt.Errorf("bench takes one stage: compile")
	}
	var expressions []benchExpression
	if err := json.NewDecoder(in).Decode(&expressions); err != nil {
		return err
	}
	variable := cel.Variable("object", cel.DynType)
	plain, err := cel.NewEnv(variable)
	if err != nil {
		return err
	}
	kubernetes, err := kubernetesEnv(&celRequest{}, &celVariables{options: []cel.EnvOption{variable}})
	if err != nil {
		return err
	}
	peers := []struct {
		name    string
		env     *cel.Env
		options []cel.ProgramOption
	}{
		{"cel-go", plain, nil},
		{"kube-apiserver", kubernetes, []cel.ProgramOption{cel.InterruptCheckFrequency(celconfig.CheckFrequency)}},
	}
	for _, peer := range peers {
		for _, expression := range expressions {
			compile := func() error {
				checked, issues := peer.env.Compile(expression.Expression)
				if issues.Err() != nil {
					return issues.Err()
				}
				_, err := peer.env.Program(checked, peer.options...)
				return err
			}
			nanoseconds, err := median(compile)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", peer.name, expression.Name, err)
			}
			fmt.Fprintf(out, "%s %s %d\n", peer.name, expression.Name, nanoseconds)
		}
	}
	return nil
}

// median runs for about half a second after a warm-up and gives the median of
// batches, per run.
func median(run func() error) (int64, error) {
	const batches = 25
	size := 1
	for {
		start := time.Now()
		for range size {
			if err := run(); err != nil {
				return 0, err
			}
		}
		if time.Since(start) > 20*time.Millisecond {
			break
		}
		size *= 2
	}
	times := make([]int64, batches)
	for i := range times {
		start := time.Now()
		for range size {
			if err := run(); err != nil {
				return 0, err
			}
		}
		times[i] = time.Since(start).Nanoseconds() / int64(size)
	}
	slices.Sort(times)
	return times[batches/2], nil
}
