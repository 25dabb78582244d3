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

// BenchmarkLog reads an IIS log with "easbot explain", beside grep that only counts lines. Both are whole programs,
// from start to end.
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
	b.Run("beside=grep", func(b *testing.B) {
		b.Run("by=peer", func(b *testing.B) {
			for b.Loop() {
				if _, err := runProgram(b.Context(), "grep", "-c", "Log=", log); errors.Is(err, errAbsent) {
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
