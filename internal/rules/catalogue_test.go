package rules

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"easbot/internal/messages"
)

// speaking are the packages whose words for people come from the catalogue.
var speaking = []string{"handlers", "handlers/view", "internal/people"}

// naming are the packages that name keys of the catalogue.
var naming = append(slices.Clone(speaking), "diag", "approvals")

// puttingTogether are the beginnings of keys that the code makes of a word it does not hold, so that no literal is the
// key. Keep it short: what a table can say in full, a table says.
var puttingTogether = []string{
	"report.who-",           // the diagnosis's word for who can change it
	"cause.", "date.month-", // diag's own test holds each row of its table to its keys
	"identity.deactivated.", "identity.guest.", "identity.stranger.", // "you" and "they"
}

// proseFiles may hold prose: it goes to Slack's administrators, not to the people who use the bot.
var proseFiles = []string{"handlers/manifest.go"}

// noProse are texts of several words that are no sentence.
var noProse = []string{
	"@person or address [device]",   // how a command is typed; the catalogue has its help
	"2 Jan 2006 15:04 UTC",          // the layout of a time
	"{date_short_pretty} at {time}", // Slack writes the time in its place
}

// keyForm is a key of at least two parts, or the beginning of one that ends in "." or "-".
var keyForm = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*\.?$`)

// textCalls are the functions that look a key up, by their last name.
var textCalls = []string{"Has", "HasText", "labelled", "Pieces", "Refuse", "sentence", "Sentence", "Text"}

// literalUse is a string literal and what it stands in.
type literalUse struct {
	file, text string
	line       int
	around     []ast.Node // from the file down, without the literal
}

func (u literalUse) String() string { return fmt.Sprintf("%s:%d: %q", u.file, u.line, u.text) }

// isIn reports whether the literal stands in a call that ok accepts, by the names before and after the last dot.
func (u literalUse) isIn(ok func(of, name string) bool) bool {
	return slices.ContainsFunc(u.around, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return false
		}
		of, name := calledName(call.Fun)
		return ok(of, name)
	})
}

// calledName splits "fmt.Errorf" and "h.Logger.Warn" at the last dot; of is only the name right before it.
func calledName(f ast.Expr) (of, name string) {
	switch f := f.(type) {
	case *ast.Ident:
		return "", f.Name
	case *ast.SelectorExpr:
		_, of = calledName(f.X)
		return of, f.Sel.Name
	}
	return "", ""
}

// literalsOf are the string literals of packages, without import paths and the tags of structs.
func literalsOf(t *testing.T, folders ...string) []literalUse {
	t.Helper()
	positions := token.NewFileSet()
	var all []literalUse
	for _, f := range sourceFiles(t, positions, folders...) {
		var around []ast.Node
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if n == nil {
				around = around[:len(around)-1]
				return true
			}
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.BasicLit:
				if field, ok := around[len(around)-1].(*ast.Field); ok && field.Tag == n {
					return false
				}
				if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
					all = append(all, literalUse{f.name, text, positions.Position(n.Pos()).Line, slices.Clone(around)})
				}
				return false
			}
			around = append(around, n)
			return true
		})
	}
	return all
}

// beginsKey reports whether a key continues the text with another part or another word.
func beginsKey(keys []string, text string) bool {
	return slices.ContainsFunc(keys, func(key string) bool {
		rest, ok := strings.CutPrefix(key, text)
		return ok && rest != "" &&
			(strings.ContainsAny(rest[:1], ".-") || strings.HasSuffix(text, ".") || strings.HasSuffix(text, "-"))
	})
}

// isSafeError accepts the calls whose words go to a log or into an error, which is never shown to people.
func isSafeError(of, name string) bool {
	return of == "fmt" && name == "Errorf" || of == "errors" && name == "New" || of == "Logger" || of == "slog" ||
		name == "panic"
}

// TestCatalogue_HasEveryKeyThatTheCodeNames looks at each literal that has the form of a key, and is looked up or
// begins as a key of the catalogue does.
func TestCatalogue_HasEveryKeyThatTheCodeNames(t *testing.T) {
	keys := messages.English.AllKeys()
	for _, u := range literalsOf(t, naming...) {
		if !keyForm.MatchString(u.text) || !strings.Contains(u.text, ".") || u.isIn(isSafeError) {
			continue
		}
		first, _, _ := strings.Cut(u.text, ".")
		lookedUp := u.isIn(func(_, name string) bool { return slices.Contains(textCalls, name) })
		if (lookedUp || beginsKey(keys, first)) && !slices.Contains(keys, u.text) && !beginsKey(keys, u.text) {
			t.Errorf("%s is no key of the catalogue", u)
		}
	}
}

// TestCatalogue_HasNoKeyThatNothingUses finds texts that nobody can ever read.
func TestCatalogue_HasNoKeyThatNothingUses(t *testing.T) {
	named, made, endings := keysInCode(t)
	var isUsed func(key string, depth int) bool
	isUsed = func(key string, depth int) bool {
		if slices.Contains(named, key) || slices.ContainsFunc(made,
			func(p *regexp.Regexp) bool { return p.MatchString(key) }) {
			return true
		}
		return depth > 0 && slices.ContainsFunc(endings, func(p *regexp.Regexp) bool {
			at := p.FindStringIndex(key)
			return at != nil && at[0] > 0 && isUsed(key[:at[0]], depth-1)
		})
	}
	for _, key := range messages.English.AllKeys() {
		declared := slices.ContainsFunc(puttingTogether,
			func(prefix string) bool { return strings.HasPrefix(key, prefix) })
		if used := isUsed(key, 3); !used && !declared {
			t.Errorf("nothing uses %s", key)
		}
	}
	for _, prefix := range puttingTogether {
		if !beginsKey(messages.English.AllKeys(), prefix) {
			t.Errorf("no key begins with %s", prefix)
		}
	}
}

// keysInCode returns the keys that stand in literals, those that are a literal and something added ("card." + state +
// ".outcome"), and the endings that are added to a key that comes from elsewhere (key + ".title").
func keysInCode(t *testing.T) (named []string, made, endings []*regexp.Regexp) {
	t.Helper()
	for _, u := range literalsOf(t, naming...) {
		if keyForm.MatchString(u.text) {
			named = append(named, u.text)
		}
	}
	for _, f := range sourceFiles(t, token.NewFileSet(), naming...) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if parts := addedParts(n); parts != "" && n.Op == token.ADD {
					if open, isEnding := strings.CutPrefix(parts, anyWords); isEnding {
						endings = append(endings, regexp.MustCompile(open+"$"))
					} else {
						made = append(made, regexp.MustCompile("^"+parts+"$"))
					}
					return false
				}
			case *ast.AssignStmt:
				if parts := addedParts(n.Rhs[0]); n.Tok == token.ADD_ASSIGN && parts != "" {
					endings = append(endings, regexp.MustCompile(parts+"$"))
				}
			}
			return true
		})
	}
	return named, made, endings
}

// anyWords stands in a pattern for what the code adds.
const anyWords = `[a-z-]+`

// addedParts is a pattern for a sum of strings; empty when it holds no part of a key.
func addedParts(e ast.Expr) string {
	var b strings.Builder
	isKey := false
	var add func(ast.Expr)
	add = func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.BinaryExpr:
			add(e.X)
			add(e.Y)
		case *ast.BasicLit:
			text, err := strconv.Unquote(e.Value)
			isKey = isKey || err == nil && len(text) > 1 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz.-") == ""
			b.WriteString(regexp.QuoteMeta(text))
		default:
			b.WriteString(anyWords)
		}
	}
	add(e)
	if !isKey {
		return ""
	}
	return b.String()
}

// TestProse_StandsInTheCatalogue: three words in a row are a sentence that no translator would find.
func TestProse_StandsInTheCatalogue(t *testing.T) {
	for _, u := range literalsOf(t, speaking...) {
		if len(strings.Fields(u.text)) > 2 && !u.isIn(isSafeError) && !slices.Contains(proseFiles, u.file) &&
			!slices.Contains(noProse, u.text) {
			t.Errorf("%s: a text for people belongs into internal/messages", u)
		}
	}
}
