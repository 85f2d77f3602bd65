package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// yamlRequest is one line of `oracle batch yaml`.
type yamlRequest struct {
	ID   json.RawMessage `json:"id"`
	Text string          `json:"text"`
}

type yamlAnswer struct {
	ID json.RawMessage `json:"id"`
	// Docs leaves null documents out.
	Docs   []json.RawMessage `json:"docs"`
	Errors []yamlError       `json:"errors"`
}

// yamlError is Go's message. Its own line counts from the start of the
// document; Line counts from the start of the text and is absent when Go does
// not tell. Go never tells a column.
type yamlError struct {
	Message string `json:"message"`
	Line    int    `json:"line,omitempty"`
}

func newYamlKind() answerFunc { return answerYAML }

// answerYAML splits as kubectl does, and reads each document as kubectl does.
func answerYAML(line []byte) (any, error) {
	var request yamlRequest
	if err := decode(line, &request); err != nil {
		return nil, err
	}
	answer := yamlAnswer{ID: request.ID, Docs: []json.RawMessage{}, Errors: []yamlError{}}
	source := strings.NewReader(request.Text)
	buffered := bufio.NewReader(source)
	documents := utilyaml.NewYAMLReader(buffered)
	for before := 0; ; {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return answer, nil
		}
		read := request.Text[:len(request.Text)-source.Len()-buffered.Buffered()]
		if err != nil { // a separator that is none ends the text
			line := strings.Count(strings.TrimSuffix(read, "\n"), "\n") + 1
			answer.Errors = append(answer.Errors, yamlError{err.Error(), line})
			return answer, nil
		}
		answer.add(document, before)
		before = strings.Count(read, "\n")
	}
}

// add reads one document, before which so many lines stand.
func (a *yamlAnswer) add(document []byte, before int) {
	text, err := yaml.YAMLToJSON(document)
	if err != nil {
		problem := yamlError{Message: err.Error()}
		if found := lineInMessage.FindStringSubmatch(problem.Message); found != nil {
			if number, err := strconv.Atoi(found[1]); err == nil {
				problem.Line = before + number
			}
		}
		a.Errors = append(a.Errors, problem)
		return
	}
	if string(text) != "null" {
		a.Docs = append(a.Docs, text)
	}
}

var lineInMessage = regexp.MustCompile(`\bline (\d+):`)
