// Package modules gets the Go modules that tables are made of.
package modules

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
)

// Folder downloads a Go module when it is not there yet and gives its folder.
func Folder(path, version string) (string, error) {
	command := exec.Command("go", "mod", "download", "-json", path+"@"+version)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s@%s: %w", path, version, err)
	}
	var answer struct{ Dir string }
	if err := json.Unmarshal(output, &answer); err != nil {
		return "", err
	}
	return answer.Dir, nil
}
