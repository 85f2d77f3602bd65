package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// table gathers lines of all versions: each line once, with the versions that
// have it.
type table struct {
	kinds, resources, lives *section
	types                   *section
	members                 map[string]*section
	minors                  []int
}

// section is a list of lines under one heading, in the newest version's order.
type section struct {
	order []string
	in    map[string][]int
}

func newSection() *section { return &section{in: map[string][]int{}} }

func newTable() *table {
	return &table{
		kinds: newSection(), resources: newSection(), lives: newSection(), types: newSection(),
		members: map[string]*section{},
	}
}

// add takes the lines of a version; lines that are new go behind the line that
// stands before them there.
func (s *section) add(minor int, lines []string) {
	previous := -1
	for _, line := range lines {
		if s.in[line] == nil {
			s.order = append(s.order, "")
			copy(s.order[previous+2:], s.order[previous+1:])
			s.order[previous+1] = line
			previous++
		} else {
			for at, other := range s.order {
				if other == line {
					previous = at
				}
			}
		}
		s.in[line] = append(s.in[line], minor)
	}
}

func (t *table) add(minor int, source *goSource, openapi map[string]*schemaDoc, discovered []resourceDoc) error {
	t.minors = append(t.minors, minor)
	fields, named := map[string][]goField{}, map[string]goNamed{}
	var kinds, names []string
	for name, schema := range openapi {
		// Options of requests belong to all groups at once; nothing is kept under them.
		if len(schema.Kinds) != 1 || source.packageOf(name) == nil {
			continue
		}
		if err := source.reach(name, fields, named); err != nil {
			return err
		}
		kind := schema.Kinds[0]
		kinds = append(kinds, fmt.Sprintf("%s %s %s", groupVersion(kind.Group, kind.Version), kind.Kind, name))
	}
	sort.Strings(kinds)
	t.kinds.add(minor, kinds)
	for name, own := range fields {
		names = append(names, "T "+name)
		t.member("T "+name).add(minor, fieldLines(name, own, openapi[name]))
	}
	for name, own := range named {
		names = append(names, "N "+name)
		line := "= " + local(own.kind, name)
		if len(own.enum) > 0 {
			line += " enum:" + strings.Join(own.enum, ",")
		}
		t.member("N "+name).add(minor, []string{line})
	}
	sort.Strings(names)
	t.types.add(minor, names)
	t.resources.add(minor, resourceLines(discovered))
	t.lives.add(minor, source.lifeLines(kinds))
	return nil
}

func (s *goSource) packageOf(name string) *goPackage {
	pkg, _, declared := s.find(name)
	if declared == nil {
		return nil
	}
	return pkg
}

func (t *table) member(name string) *section {
	if t.members[name] == nil {
		t.members[name] = newSection()
	}
	return t.members[name]
}

func fieldLines(name string, own []goField, schema *schemaDoc) []string {
	var lines []string
	for _, field := range own {
		line := field.name
		if field.omitEmpty {
			line += "?"
		}
		if field.omitZero {
			line += "~"
		}
		line += " " + local(field.kind, name)
		if schema != nil {
			line += facts(field.name, schema)
		}
		lines = append(lines, line)
	}
	return lines
}

// facts is what OpenAPI says of a field.
func facts(name string, schema *schemaDoc) string {
	var line strings.Builder
	for _, required := range schema.Required {
		if required == name {
			line.WriteString(" req")
		}
	}
	own := schema.Properties[name]
	if own == nil {
		return line.String()
	}
	if own.Nullable {
		line.WriteString(" null")
	}
	switch own.ListType {
	case "map":
		line.WriteString(" map:" + strings.Join(own.ListKeys, ","))
	case "set", "atomic":
		line.WriteString(" " + own.ListType)
	}
	if own.MapType == "atomic" {
		line.WriteString(" atomic")
	}
	if own.Patch != "" {
		line.WriteString(" patch:" + own.Patch)
	}
	if own.PatchKey != "" {
		line.WriteString(" key:" + own.PatchKey)
	}
	switch string(own.Default) {
	case "", "{}", `""`, "0", "false", "null":
	default:
		line.WriteString(" default:")
		var compact bytes.Buffer
		if json.Compact(&compact, own.Default) == nil {
			line.Write(compact.Bytes())
		}
	}
	return line.String()
}

// local shortens a name of the package that the line stands in.
func local(kind, within string) string {
	pkg := within[:strings.LastIndex(within, ".")+1]
	rest := strings.TrimLeft(kind, "*[]{}")
	return kind[:len(kind)-len(rest)] + strings.TrimPrefix(rest, pkg)
}

func resourceLines(discovered []resourceDoc) []string {
	var lines []string
	for _, resource := range discovered {
		scope := "namespaced"
		if resource.Scope == "Cluster" {
			scope = "cluster"
		}
		line := fmt.Sprintf("%s %s %s %s %s", groupVersion(resource.group, resource.version), resource.Resource,
			resource.ResponseKind.Kind, resource.SingularResource, scope)
		for _, part := range []struct {
			word   string
			values []string
		}{{"short", resource.ShortNames}, {"in", resource.Categories}, {"verbs", resource.Verbs}} {
			if len(part.values) > 0 {
				line += " " + part.word + ":" + strings.Join(part.values, ",")
			}
		}
		for _, sub := range resource.Subresources {
			kind := sub.ResponseKind
			line += " /" + sub.Subresource
			if kind.Kind != resource.ResponseKind.Kind {
				line += ":" + groupVersion(kind.Group, kind.Version) + "." + kind.Kind
			}
		}
		lines = append(lines, line)
	}
	sort.Strings(lines)
	return lines
}

// lifeLines says of versions of kinds, served or not, when they came and went.
func (s *goSource) lifeLines(kinds []string) []string {
	groups := map[string]string{} // folder to API group
	for _, kind := range kinds {
		parts := strings.Fields(kind)
		group, _, grouped := strings.Cut(parts[0], "/")
		if !grouped {
			group = ""
		}
		folder, _, _ := strings.Cut(parts[2], "/")
		groups[folder] = group
	}
	var lines []string
	for short, pkg := range s.packages {
		folder, version, _ := strings.Cut(short, "/")
		group, ok := groups[folder]
		if !ok && folder == "extensions" {
			group, ok = "extensions", true
		}
		if !ok {
			continue
		}
		for name, declared := range pkg.types {
			life := declared.life
			if life["introduced"] == "" || strings.HasSuffix(name, "List") {
				continue
			}
			line := fmt.Sprintf("%s %s %s", groupVersion(group, version), name, life["introduced"])
			for _, word := range []string{"deprecated", "removed", "replacement"} {
				if life[word] != "" {
					line += " " + word + ":" + life[word]
				}
			}
			lines = append(lines, line)
		}
	}
	sort.Strings(lines)
	return lines
}

func (t *table) text() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# What Kubernetes 1.%d to 1.%d have built in. Written by `cargo xtask schema`; not to be edited.\n",
		t.minors[0], t.minors[len(t.minors)-1])
	out.WriteString("V")
	for _, minor := range t.minors {
		fmt.Fprintf(&out, " %d", minor)
	}
	out.WriteString("\n")
	t.lines(&out, "K", t.kinds, t.minors)
	t.lines(&out, "R", t.resources, t.minors)
	// What is said last of a kind's life holds for all versions.
	last := newSection()
	newest := map[string]string{}
	for _, line := range t.lives.order {
		parts := strings.Fields(line)
		key := parts[0] + " " + parts[1]
		if old, ok := newest[key]; ok && t.lives.last(old) > t.lives.last(line) {
			continue
		}
		newest[key] = line
	}
	for _, line := range newest {
		last.order = append(last.order, line)
		last.in[line] = t.minors
	}
	sort.Strings(last.order)
	t.lines(&out, "L", last, t.minors)
	sort.Slice(t.types.order, func(i, j int) bool { return t.types.order[i][2:] < t.types.order[j][2:] })
	for _, name := range t.types.order {
		versions := t.types.in[name]
		fmt.Fprintf(&out, "%s%s %s\n", name[:1], span(versions, t.minors), name[2:])
		t.lines(&out, "", t.members[name], versions)
	}
	return out.Bytes()
}

func (s *section) last(line string) int {
	in := s.in[line]
	return in[len(in)-1]
}

func (t *table) lines(out *bytes.Buffer, head string, s *section, all []int) {
	for _, line := range s.order {
		fmt.Fprintf(out, "%s%s %s\n", head, span(s.in[line], all), line)
	}
}

// span writes the versions of a line, nothing when it has all that its heading
// has: 31- or -33 or 32-35, several joined by commas.
func span(in, all []int) string {
	if len(in) == len(all) {
		return ""
	}
	var parts []string
	for at := 0; at < len(in); {
		end := at
		for end+1 < len(in) && in[end+1] == in[end]+1 {
			end++
		}
		parts = append(parts, fmt.Sprintf("%d-%d", in[at], in[end]))
		at = end + 1
	}
	return "@" + strings.Join(parts, ",")
}
