package rules

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"easbot/handlers"
	"easbot/handlers/view"
	"easbot/internal/messages"
)

// buttonWords say about each button what its row in handlers does not: where it stands, who may press it, what it does.
// The rest (its label, whether it asks first, whether it survives a crash) is read from the code.
var buttonWords = []struct {
	action, label, where, who, does string
}{
	{view.ActionAllow, "card.allow.button", "card, digest", "approvers",
		"Lets the phone in: one vote, and with enough of them the decision is written."},
	{view.ActionBlock, "card.block.button", "card, digest", "approvers",
		"Keeps the phone out: one vote decides, and it is written."},
	{view.ActionDeny, "card.deny.button", "card, digest", "approvers",
		"Says no. Nothing is written; who asked reads the reason."},
	{view.ActionRetry, "card.retry.button", "card of a failed write", "approvers", "Orders the write again."},
	{view.ActionUndo, "decided.undo.button", "answer to an allow or a block", "approvers",
		"Puts the lists and the state back as they were."},
	{view.ActionRequest, "report.ask.button", "`/eas why`", "the person who got the answer",
		"Asks the approvers for the phone."},
	{view.ActionWithdraw, "withdraw.label", "`/eas why`, `/eas pending`", "who asked",
		"Takes a request back while it waits."},
	{view.ActionRecheck, "report.recheck.button", "`/eas why`", "the person who got the answer",
		"Reads the directory again."},
}

// buttonTable is the table of what can be pressed.
func buttonTable(t *testing.T) string {
	if rows := countRows(t, "handlers", "buttons"); rows != len(buttonWords) {
		t.Errorf("handlers has %d buttons, docs/commands.md describes %d", rows, len(buttonWords))
	}
	var b strings.Builder
	b.WriteString("| button | id | where | who | what it does | asks first for | stored before Slack is answered |\n" +
		"|---|---|---|---|---|---|---|\n")
	for _, w := range buttonWords {
		button, known := handlers.FindButton(handlers.Click{Action: w.action})
		if !known || !messages.English.HasText(w.label) {
			t.Errorf("%s: no such button, or no text %s", w.action, w.label)
			continue
		}
		asks := "–"
		if m := button.Modal; m != nil && m.Optional {
			asks = "a reason, if there is one"
		} else if m != nil {
			asks = "a reason"
		}
		stored := map[bool]string{true: "yes", false: "–"}[button.Durable]
		label := strings.ReplaceAll(messages.English.Text(w.label, nil), "{phone}", "…")
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s | %s | %s |\n", label, w.action, w.where, w.who, w.does, asks,
			stored)
	}
	return b.String()
}

// countRows counts the rows of a table that is a package's variable.
func countRows(t *testing.T, folder, table string) int {
	t.Helper()
	for _, f := range sourceFiles(t, token.NewFileSet(), folder) {
		for _, d := range f.syntax.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				if v, ok := s.(*ast.ValueSpec); ok && v.Names[0].Name == table && len(v.Values) == 1 {
					return len(v.Values[0].(*ast.CompositeLit).Elts)
				}
			}
		}
	}
	t.Fatalf("%s has no table %s", folder, table)
	return 0
}

// cliCommand is a command of easbot, as its source declares it to cobra.
type cliCommand struct {
	use, short, long string
	hidden           bool
	flags            []string // rows of a table
}

// commandLine is the part about easbot's own commands, in the order of "easbot help".
func commandLine(t *testing.T) string {
	functions := map[string]*ast.FuncDecl{}
	about := ""
	for _, f := range sourceFiles(t, token.NewFileSet(), "cmd/easbot") {
		about += f.syntax.Doc.Text()
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				functions[fn.Name.Name] = fn
			}
		}
	}
	var b strings.Builder
	for _, name := range calledIn(functions["allCommands"], "Command") {
		c := readCommand(functions[name])
		if c.hidden {
			continue
		}
		fmt.Fprintf(&b, "### `easbot %s`\n\n%s.\n\n", c.use, strings.TrimSuffix(cmp.Or(c.long, c.short), "."))
		if len(c.flags) > 0 {
			fmt.Fprintf(&b, "| flag | default | meaning |\n|---|---|---|\n%s\n", strings.Join(c.flags, ""))
		}
	}
	root := readCommand(functions["rootCommand"])
	fmt.Fprintf(&b, "### Every command\n\n| flag | default | meaning |\n|---|---|---|\n%s\n",
		strings.Join(root.flags, ""))
	_, status, _ := strings.Cut(strings.Join(strings.Fields(about), " "), "Exit status: ")
	b.WriteString("### Exit status\n\n| status | meaning |\n|---|---|\n")
	for row := range strings.SplitSeq(strings.TrimSuffix(status, "."), "; ") {
		number, meaning, _ := strings.Cut(row, " ")
		fmt.Fprintf(&b, "| %s | %s |\n", number, meaning)
	}
	return b.String()
}

// calledIn are the functions with that ending that a function calls, in order.
func calledIn(f *ast.FuncDecl, ending string) []string {
	var names []string
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if _, name := calledName(call.Fun); strings.HasSuffix(name, ending) && name != "AddCommand" {
				names = append(names, name)
			}
		}
		return true
	})
	return names
}

// readCommand reads what a function tells cobra.
func readCommand(f *ast.FuncDecl) cliCommand {
	var c cliCommand
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			key, _ := n.Key.(*ast.Ident)
			if field := map[string]*string{"Use": &c.use, "Short": &c.short,
				"Long": &c.long}[key.String()]; field != nil {
				*field = constantText(n.Value)
			}
			c.hidden = c.hidden || key.String() == "Hidden" && constantText(n.Value) == "true"
		case *ast.CallExpr:
			if row := flagRow(n); row != "" {
				c.flags = append(c.flags, row)
			}
		}
		return true
	})
	return c
}

// flagRow is the row of a flag that a call adds; empty for any other call.
func flagRow(call *ast.CallExpr) string {
	_, name := calledName(call.Fun)
	if name == "formatFlag" {
		var formats []string
		for _, a := range call.Args[1:] {
			formats = append(formats, constantText(a))
		}
		return fmt.Sprintf("| `-o`, `--output` | `%s` | %s |\n", formats[0], strings.Join(formats, ", "))
	}
	if !slices.Contains([]string{"StringVar", "BoolVar", "IntVar"}, name) || len(call.Args) != 4 {
		return ""
	}
	usage, value := constantText(call.Args[3]), ""
	if parts := strings.Split(usage, "`"); len(parts) == 3 { // cobra's way to name the value
		usage, value = strings.Join(parts, ""), " "+parts[1]
	}
	preset := cmp.Or(constantText(call.Args[2]), "–")
	if preset == "false" {
		preset = "–"
	}
	if preset == "defaultConfig" {
		preset = "easbot.yaml, when it is there"
	}
	return fmt.Sprintf("| `--%s%s` | %s | %s |\n", constantText(call.Args[1]), value, preset, usage)
}

// constantText is a literal, a sum of literals, or the name of something else.
func constantText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text
		}
		return e.Value
	case *ast.BinaryExpr:
		return constantText(e.X) + constantText(e.Y)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
