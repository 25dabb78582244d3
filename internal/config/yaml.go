package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"easbot/internal/eas"
)

// readYAML sets the fields that the document has. It walks the parsed tree itself instead of decoding into the struct:
// decoding stops at the first syntax of faults, names Go types, and quotes values that may be secrets.
func (l *loader) readYAML(data []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		if !errors.Is(err, io.EOF) { // nothing but comments
			l.syntaxFault(err)
		}
		return
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			l.syntaxFault(err)
		} else {
			l.faultAt(more.Line, "", "a second document; easbot reads one")
		}
		return
	}
	names := sectionNames()
	l.eachKey(doc.Content[0], "", func(name string, value *yaml.Node) {
		if !slices.Contains(names, name) {
			l.faultAt(value.Line, "", "unknown key "+quoteName(name))
			return
		}
		l.eachKey(value, name, func(key string, value *yaml.Node) {
			f, ok := l.fields[name+"."+key]
			if !ok {
				l.faultAt(value.Line, "", "unknown key "+quoteName(name+"."+key))
				return
			}
			if message := f.setNode(value); message != "" {
				l.faultAt(value.Line, f.key, message)
			} else if value.Tag != "!!null" {
				l.from[f.key] = origin{line: value.Line}
			}
		})
	})
}

// eachKey calls each for every key of a mapping; anything else, and a key given twice, is a fault. A section without
// a value is an empty one.
func (l *loader) eachKey(node *yaml.Node, path string, each func(key string, value *yaml.Node)) {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" && node.Anchor == "" {
		return
	}
	if node.Kind != yaml.MappingNode || node.Anchor != "" || node.Style&yaml.TaggedStyle != 0 {
		l.faultAt(node.Line, path, "want keys with values")
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			l.faultAt(key.Line, path, "want a name as key")
			continue
		}
		if first, twice := lines[key.Value]; twice {
			l.faultAt(key.Line, path,
				fmt.Sprintf("key %s is given twice; first on line %d", quoteName(key.Value), first))
			continue
		}
		lines[key.Value] = key.Line
		if value.Line == 0 { // an empty value may have no place of its own
			value.Line = key.Line
		}
		each(key.Value, value)
	}
}

// setNode sets the field from a value of the document and returns what is wrong with it, never the value itself.
func (f field) setNode(node *yaml.Node) string {
	if fault := ambiguousYAML(node); fault != "" {
		return fault
	}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return ""
	}
	if f.value.Kind() == reflect.Slice {
		return f.setList(node)
	}
	if node.Kind != yaml.ScalarNode {
		return "want one value, not keys or a list"
	}
	switch {
	case f.isSecret(): // a password of digits is still a password
		f.value.Set(reflect.ValueOf(NewSecret(node.Value)))
	case f.isDuration(): // a number without a unit has no meaning, so it is a fault like any other
		if err := f.setDuration(node.Value); err != nil {
			return err.Error()
		}
	case f.value.Kind() == reflect.String:
		if node.Tag != "!!str" {
			return "want text; put it in quotes"
		}
		f.value.SetString(node.Value)
	case f.value.Kind() == reflect.Bool:
		if node.Tag != "!!bool" {
			return "want true or false"
		}
		f.value.SetBool(strings.EqualFold(node.Value, "true"))
	case f.value.Kind() == reflect.Int:
		n, err := strconv.Atoi(node.Value)
		if err != nil || node.Tag != "!!int" {
			return "want a number"
		}
		f.value.SetInt(int64(n))
	}
	return ""
}

func (f field) setList(node *yaml.Node) string {
	if node.Kind != yaml.SequenceNode {
		return "want a list: [a, b]"
	}
	list := []string{}
	for i, item := range node.Content {
		if fault := ambiguousYAML(item); fault != "" {
			return fmt.Sprintf("item %d: %s", i+1, fault)
		}
		if item.Kind != yaml.ScalarNode || item.Tag != "!!str" {
			return fmt.Sprintf("item %d: want text; put it in quotes", i+1)
		}
		list = append(list, item.Value)
	}
	f.value.Set(reflect.ValueOf(list))
	return ""
}

// ambiguousYAML refuses what YAML makes of an unquoted value that begins with *, & or !: passwords do, and would
// silently be something else.
func ambiguousYAML(node *yaml.Node) string {
	if node.Kind == yaml.AliasNode || node.Anchor != "" || node.Style&yaml.TaggedStyle != 0 {
		return "a value that begins with *, & or ! must be in quotes"
	}
	return ""
}

func (l *loader) faultAt(line int, key, message string) {
	l.faults = append(l.faults, Fault{File: l.path, Line: line, Key: key, Message: message})
}

var yamlLine = regexp.MustCompile(`^line (\d+): `)

// syntaxFault reports what the YAML parser said, without what it quotes from the file.
func (l *loader) syntaxFault(err error) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	if strings.Contains(message, "anchor") || strings.Contains(message, "alias") {
		message = "a value that begins with * or & must be in quotes"
	} else if i := strings.IndexAny(message, "`'\""); i >= 0 {
		message = strings.TrimSpace(message[:i]) + " …"
	}
	l.faultAt(line, "", "not valid YAML: "+message)
}

// quoteName shows a name from the file.
func quoteName(s string) string { return strconv.Quote(eas.Clean(s, 60)) }
