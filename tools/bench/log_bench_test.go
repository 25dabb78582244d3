package bench

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"easbot/internal/lab"
)

// logSize is the size of the generated log in bytes.
const logSize = 256 << 20

// logPeers are programs that read the same log from start to end: one that counts causes by user and device as easbot
// does, in the two usual awks, and one that only counts lines.
var logPeers = []struct {
	name string
	args func(log string) []string
}{
	{"mawk", func(log string) []string { return []string{"mawk", "-f", "causes.awk", log} }},
	{"gawk", func(log string) []string { return []string{"gawk", "-f", "causes.awk", log} }},
	{"grep", func(log string) []string { return []string{"grep", "-c", "Log=", log} }},
}

// BenchmarkLog reads an IIS log with "easbot explain", beside its peers. All are whole programs.
func BenchmarkLog(b *testing.B) {
	dir := b.TempDir()
	log, lines, err := logFile(dir, logSize)
	if err != nil {
		b.Fatal(err)
	}
	easbot := filepath.Join(dir, "easbot")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", easbot, "easbot/cmd/easbot")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	for _, peer := range logPeers {
		b.Run("beside="+peer.name, func(b *testing.B) {
			b.Run("by=peer", func(b *testing.B) {
				args := peer.args(log)
				for b.Loop() {
					if _, err := runProgram(b.Context(), args[0], args[1:]...); errors.Is(err, errAbsent) {
						lab.CannotRunHere(b, "%v", err)
					} else if err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("by=easbot", func(b *testing.B) {
				for b.Loop() {
					out, err := runProgram(b.Context(), easbot, "explain", log)
					if err != nil {
						b.Fatal(err)
					}
					if !strings.HasPrefix(out, fmt.Sprintf("%d lines, ", lines)) {
						b.Fatalf("easbot explain did not read %d lines but said: %.80s", lines, out)
					}
				}
			})
		})
	}
}
