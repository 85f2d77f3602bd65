package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// answerFunc answers one line of a batch. The error is an input error: the
// line could not be understood. Whatever the real code finds wrong is part of
// the answer.
type answerFunc func(line []byte) (any, error)

// kinds holds a constructor per kind, so that each batch starts from nothing.
var kinds = map[string]func() answerFunc{
	"admit":     newAdmitKind,
	"cel":       newCelKind,
	"crd":       newCrdKind,
	"env":       newEnvKind,
	"psa":       newPsaKind,
	"quota":     newQuotaKind,
	"rbac":      newRbacKind,
	"regex":     newRegexKind,
	"typecheck": newTypeCheckKind,
	"vap":       newVapKind,
	"yaml":      newYamlKind,
}

// kindNames lists what `oracle batch` can answer.
func kindNames() string {
	return strings.Join(slices.Sorted(maps.Keys(kinds)), ", ")
}

// inputError is the answer to a line that could not be understood.
type inputError struct {
	ID         json.RawMessage `json:"id"`
	InputError string          `json:"inputError"`
}

func batchCommand(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 || kinds[args[0]] == nil {
		return fmt.Errorf("batch takes one kind: %s", kindNames())
	}
	return batch(kinds[args[0]](), in, out)
}

// patience is how long one question may take. The real code does not return
// from some, such as quantities with exponents of many digits.
const patience = 20 * time.Second

// unanswered is the last answer of a batch that met a question without end:
// Go cannot stop what still works on it, so the process ends.
type unanswered struct {
	ID      json.RawMessage `json:"id"`
	Timeout bool            `json:"timeout"`
}

// batch answers line by line, in order. It flushes whenever no further line is
// waiting, so it can also be used in dialogue.
func batch(answer answerFunc, in io.Reader, out io.Writer) error {
	reader := bufio.NewReaderSize(in, 1<<20)
	writer := bufio.NewWriterSize(out, 1<<16)
	defer writer.Flush()
	for {
		line, err := reader.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			result := patiently(answer, line)
			encoded, err := encode(result)
			if err != nil {
				return err
			}
			if _, err := writer.Write(append(encoded, '\n')); err != nil {
				return err
			}
			if _, late := result.(unanswered); late {
				return fmt.Errorf("no answer within %v", patience)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if reader.Buffered() == 0 {
			if err := writer.Flush(); err != nil {
				return err
			}
		}
	}
}

// patiently answers in the time that there is.
func patiently(answer answerFunc, line []byte) any {
	result := make(chan any, 1)
	go func() { result <- answerLine(answer, line) }()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case answer := <-result:
		return answer
	case <-late.C:
		return unanswered{lineID(line), true}
	}
}

// answerLine turns input errors, and panics of the real code, into answers.
func answerLine(answer answerFunc, line []byte) (result any) {
	defer func() {
		if r := recover(); r != nil {
			result = inputError{lineID(line), fmt.Sprintf("panic: %v", r)}
		}
	}()
	result, err := answer(line)
	if err != nil {
		return inputError{lineID(line), err.Error()}
	}
	return result
}

// lineID finds the id of a line that may otherwise be malformed.
func lineID(line []byte) json.RawMessage {
	var head struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(line, &head) != nil || head.ID == nil {
		return json.RawMessage("null")
	}
	return head.ID
}

// encode writes JSON on one line, without escaping <, > and &.
func encode(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// decode reads a request strictly: an unknown field is an input error.
func decode(line []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value on the line")
	}
	return nil
}
