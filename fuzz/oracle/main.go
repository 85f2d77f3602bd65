// Command oracle answers questions about Kubernetes policy with the code of
// the API server itself, so that kordon can be compared with it.
package main

import (
	"fmt"
	"io"
	"os"

	"k8s.io/klog/v2"
)

const usage = `usage: oracle COMMAND

  batch KIND             answer JSON lines from stdin on stdout; without a kind, says which there are
  lifecycle              say when versions of kinds came, were deprecated and went
  bench compile          time how the expressions of a corpus on stdin are compiled
`

func main() {
	klog.SetLogger(klog.Logger{}) // the API server's log is not an answer
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(2)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("no command given\n\n%s", usage)
	}
	switch args[0] {
	case "batch":
		return batchCommand(args[1:], in, out)
	case "bench":
		return benchCommand(args[1:], in, out)
	case "lifecycle":
		return writeLives(out)
	case "help", "-h", "--help":
		_, err := io.WriteString(out, usage)
		return err
	}
	return fmt.Errorf("unknown command %q\n\n%s", args[0], usage)
}
