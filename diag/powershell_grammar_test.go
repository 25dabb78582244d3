package diag

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"easbot/internal/lab"
)

// parseAsPowerShell lets PowerShell's grammar (tools/powershell-check) parse scripts, and returns what it stumbles over
// by the script's name.
func parseAsPowerShell(t *testing.T, scripts map[string]string) (faults map[string]string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		lab.CannotRunHere(t, "Node.js is not installed; Debian package nodejs")
	}
	folder := filepath.Join("..", "tools", "powershell-check")
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "tree-sitter-powershell")); err != nil {
		install, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		npm := exec.CommandContext(install, "npm", "ci", "--no-audit", "--no-fund")
		npm.Dir = folder
		if out, err := npm.CombinedOutput(); err != nil {
			lab.CannotRunHere(t, "npm ci: %v\n%s", err, out)
		}
	}
	text, err := json.Marshal(scripts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	parse := exec.CommandContext(ctx, node, "parse.mjs") //nolint:gosec // found on the path
	parse.Dir, parse.Stdin = folder, bytes.NewReader(text)
	out, err := parse.Output()
	if err != nil {
		t.Fatalf("parse.mjs: %v", err)
	}
	if err := json.Unmarshal(out, &faults); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return faults
}

func TestScripts_PowerShellsGrammarAcceptsThem(t *testing.T) {
	t.Parallel()
	scripts := map[string]string{}
	for name, script := range allScripts() {
		scripts[name] = strings.Join(script, "\n")
	}
	if len(scripts) < 50 {
		t.Errorf("only %d scripts", len(scripts))
	}
	scripts["broken"] = "Set-Acl -LiteralPath 'it ends nowhere"
	faults := parseAsPowerShell(t, scripts)
	if faults["broken"] == "" {
		t.Error("an open quote was accepted")
	}
	delete(faults, "broken")
	for name, fault := range faults {
		t.Errorf("%s: %s\n%s", name, fault, scripts[name])
	}
}
