package bench

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// peersScript runs on the system's Python, which is what Debian's packages are made for.
//
//go:embed peers.py
var peersScript string

const systemPython = "/usr/bin/python3"

// errAbsent says that a peer is not installed here.
var errAbsent = errors.New("not installed")

// answer is what peers.py says.
type answer struct {
	NS      float64 `json:"ns"`
	Granted bool    `json:"granted"`
	Version string  `json:"version"`
}

// askPeer has another implementation ("impacket", "samba") answer the question again and again. The error is errAbsent
// when it, or Python, is not installed.
func askPeer(ctx context.Context, name string, q question) (answer, error) {
	var a answer
	if _, err := os.Stat(systemPython); err != nil {
		return a, fmt.Errorf("%w: %w", errAbsent, err)
	}
	in, err := json.Marshal(q)
	if err != nil {
		return a, fmt.Errorf("write the question: %w", err)
	}
	cmd := exec.CommandContext(ctx, systemPython, "-c", peersScript, name)
	var out, fault bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &fault
	if err := cmd.Run(); err != nil {
		const absent = 3 // as peers.py ends then
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == absent {
			return a, fmt.Errorf("%w: %s", errAbsent, strings.TrimSpace(fault.String()))
		}
		return a, fmt.Errorf("%s: %w\n%s", name, err, fault.String())
	}
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		return a, fmt.Errorf("%s said %q: %w", name, out.String(), err)
	}
	return a, nil
}

// runProgram runs a program to its end, in a fixed locale, and returns what it printed. The error is errAbsent when it
// is not installed.
func runProgram(ctx context.Context, program string, args ...string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errAbsent, err)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", filepath.Base(program), err)
	}
	return string(out), nil
}
