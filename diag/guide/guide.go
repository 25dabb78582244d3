// Package guide holds Microsoft's troubleshooting guide KB 10047 ("Troubleshoot ActiveSync with Exchange Server") as a
// table: what each of its questions is answered by here, and who is asked what where a person has to look.
package guide

//go:generate go test -run TestGuideDocument -update

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Node is one question or fix of the guide. Keys and words are ours; the guide has only headings.
type Node struct {
	Key      string // letter of the branch and number: P profile, C connect, S site, M mail, A attachments, …
	Question string
	// Found are the answers that decide it, or say that its fix worked.
	Found []Answer
	// Sample is a text that explain answers with one of Found; empty where nothing of it comes from a text.
	Sample    string
	HandOvers []string // keys of diag.HandOvers; none where nobody has to look
	Note      string   // what easbot does about it
}

// Answer is a cause by its code, and what finds it.
type Answer struct {
	By   By
	Code string
}

// By is what finds an answer.
type By string

// What finds answers.
const (
	ByDirectory By = "why"     // a cause of diag, read from Active Directory
	ByProbe     By = "probe"   // a cause of diag, seen at the front door without a password
	ByText      By = "explain" // a code of diag/explain, in a pasted text
)

//go:embed nodes.txt
var table string

// Nodes returns the table, in the guide's order.
var Nodes = sync.OnceValue(func() []Node {
	nodes, err := parseNodes(table)
	if err != nil {
		panic("guide: the embedded table is broken: " + err.Error())
	}
	return nodes
})

// Find returns the node of a key, in any case; false when there is none.
func Find(key string) (Node, bool) {
	nodes := Nodes()
	i := slices.IndexFunc(nodes, func(n Node) bool { return strings.EqualFold(n.Key, key) })
	if i < 0 {
		return Node{}, false
	}
	return nodes[i], true
}

func parseNodes(text string) ([]Node, error) {
	var nodes []Node
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, " | ")
		if len(f) != 6 {
			return nil, fmt.Errorf("%d columns instead of 6: %s", len(f), line)
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
			if f[i] == "-" {
				f[i] = ""
			}
		}
		n := Node{Key: f[0], Question: f[1], Sample: strings.ReplaceAll(f[3], `\n`, "\n"), Note: f[5]}
		if f[4] != "" {
			n.HandOvers = strings.Split(f[4], ",")
		}
		for part := range strings.SplitSeq(f[2], ",") {
			if part == "" {
				continue
			}
			by, code, ok := strings.Cut(part, ":")
			if !ok {
				return nil, fmt.Errorf("%s: %q names no cause", n.Key, part)
			}
			n.Found = append(n.Found, Answer{By: By(by), Code: code})
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// How are the ways of a node, in words.
func (n Node) How() string {
	words := map[By]string{ByDirectory: "Active Directory", ByProbe: "the front door", ByText: "a log or text"}
	var ways []string
	for _, a := range n.Found {
		if w := words[a.By]; !slices.Contains(ways, w) {
			ways = append(ways, w)
		}
	}
	if len(n.HandOvers) > 0 {
		ways = append(ways, "a person")
	}
	return strings.Join(ways, ", ")
}
