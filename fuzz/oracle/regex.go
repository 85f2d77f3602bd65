package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

// regexRequest is one line of `oracle batch regex`.
type regexRequest struct {
	ID      json.RawMessage `json:"id"`
	Pattern string          `json:"pattern"`
	Texts   []string        `json:"texts"`
	// EveryTo adds a text of all characters below this code point.
	EveryTo int `json:"everyTo"`
}

// regexAnswer has either what regexp.Compile says against a pattern, or an
// answer for each text.
type regexAnswer struct {
	ID     json.RawMessage `json:"id"`
	Error  string          `json:"error,omitempty"`
	Groups *int            `json:"groups,omitempty"`
	Texts  []regexMatches  `json:"texts,omitempty"`
}

// regexMatches gives places as bytes of the text. A match and its groups are
// pairs of places, -1 where a group took no part.
type regexMatches struct {
	Matches bool    `json:"matches"`
	Find    []int   `json:"find"`
	FindAll [][]int `json:"findAll"`
}

func newRegexKind() answerFunc {
	return func(line []byte) (any, error) {
		var request regexRequest
		if err := decode(line, &request); err != nil {
			return nil, err
		}
		answer := regexAnswer{ID: request.ID}
		compiled, err := regexp.Compile(request.Pattern)
		if err != nil {
			answer.Error = err.Error()
			return answer, nil
		}
		groups := compiled.NumSubexp()
		answer.Groups = &groups
		texts := request.Texts
		if request.EveryTo > 0 {
			texts = append(texts, everyCharacter(request.EveryTo))
		}
		for _, text := range texts {
			answer.Texts = append(answer.Texts, regexMatches{
				Matches: compiled.MatchString(text),
				Find:    compiled.FindStringIndex(text),
				FindAll: compiled.FindAllStringSubmatchIndex(text, -1),
			})
		}
		return answer, nil
	}
}

// everyCharacter is all characters below a code point, in order.
func everyCharacter(end int) string {
	var text strings.Builder
	for code := range end {
		if utf8.ValidRune(rune(code)) {
			text.WriteRune(rune(code))
		}
	}
	return text.String()
}
