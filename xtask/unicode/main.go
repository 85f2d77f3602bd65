// Command unicode writes the classes of Unicode that Go's regexp knows, and
// the code points that fold together, as text: the standard library decides.
package main

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: unicode FILE")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "unicode:", err)
		os.Exit(1)
	}
}

// write makes the file. Each line is a name, `=` and ranges in hexadecimal,
// `lo`, `lo-hi` or `lo-hi/stride`; `name+` are the ranges that (?i) adds.
// `alias>name` are other names. The ranges of `Folds` are followed by the
// distance to the next code point of the same letter, or by `~` where pairs of
// neighbours are one letter.
func write(file string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	writer := bufio.NewWriter(out)
	fmt.Fprintf(writer, "# Unicode %s, written by `cargo xtask unicode`.\n", unicode.Version)
	writeFolds(writer)
	writeTables(writer, unicode.Categories, unicode.FoldCategory)
	writeTables(writer, unicode.Scripts, unicode.FoldScript)
	for _, alias := range slices.Sorted(maps.Keys(unicode.CategoryAliases)) {
		fmt.Fprintf(writer, "%s>%s\n", canonical(alias), unicode.CategoryAliases[alias])
	}
	if err := writer.Flush(); err != nil {
		return err
	}
	return out.Close()
}

func writeTables(writer *bufio.Writer, tables, folds map[string]*unicode.RangeTable) {
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		// Go 1.25 and 1.26 look names up as canonical writes them, so that
		// scripts with a second capital letter are not found.
		if name != "LC" && canonical(name) != name {
			continue
		}
		fmt.Fprintf(writer, "%s=%s\n", canonical(name), ranges(tables[name]))
		if fold := folds[name]; fold != nil {
			fmt.Fprintf(writer, "%s+=%s\n", canonical(name), ranges(fold))
		}
	}
}

func ranges(table *unicode.RangeTable) string {
	var texts []string
	for _, r := range table.R16 {
		texts = append(texts, text(rune(r.Lo), rune(r.Hi), rune(r.Stride)))
	}
	for _, r := range table.R32 {
		texts = append(texts, text(rune(r.Lo), rune(r.Hi), rune(r.Stride)))
	}
	return strings.Join(texts, ",")
}

func text(lo, hi, stride rune) string {
	switch {
	case lo == hi:
		return fmt.Sprintf("%X", lo)
	case stride == 1:
		return fmt.Sprintf("%X-%X", lo, hi)
	}
	return fmt.Sprintf("%X-%X/%X", lo, hi, stride)
}

// writeFolds groups code points with one distance to their next fold, and
// neighbours that are each other's.
func writeFolds(writer *bufio.Writer) {
	var texts []string
	distance := func(r rune) rune { return unicode.SimpleFold(r) - r }
	pair := func(r rune) bool { return distance(r) == 1 && distance(r+1) == -1 }
	for r := rune(0); r <= unicode.MaxRune; r++ {
		d, lo := distance(r), r
		switch {
		case d == 0:
			continue
		case pair(r):
			for pair(r + 2) {
				r += 2
			}
			r++
			texts = append(texts, text(lo, r, 1)+"~")
		default:
			for distance(r+1) == d && !pair(r+1) {
				r++
			}
			texts = append(texts, fmt.Sprintf("%s:%d", text(lo, r, 1), d))
		}
	}
	fmt.Fprintf(writer, "Folds=%s\n", strings.Join(texts, ","))
}

// canonical writes a name as regexp/syntax looks it up: the first letter upper
// case, the others lower case, nothing between words.
func canonical(name string) string {
	name = strings.NewReplacer("_", "", "-", "", " ", "").Replace(name)
	return strings.ToUpper(name[:1]) + strings.ToLower(name[1:])
}
