package main

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// result is one line of a Go benchmark: its figures by unit ("ns/op").
type result map[string]float64

// readResults takes the benchmarks out of the output of a test binary, by name without "Benchmark" and the number of
// processors.
func readResults(output string) map[string]result {
	found := map[string]result{}
	for lines := bufio.NewScanner(strings.NewReader(output)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if at := strings.LastIndexByte(name, '-'); at > 0 {
			if _, err := strconv.Atoi(name[at+1:]); err == nil {
				name = name[:at]
			}
		}
		r := result{}
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				r[fields[i+1]] = v
			}
		}
		if len(r) > 0 {
			found[name] = r
		}
	}
	return found
}

// buildGo makes the test binary with this folder's benchmarks, and easbot.
func buildGo(ctx context.Context, root, dir string) (benchmarks, easbot string, err error) {
	benchmarks, easbot = filepath.Join(dir, "bench.test"), filepath.Join(dir, "easbot")
	for _, args := range [][]string{{"test", "-c", "-o", benchmarks, "./tools/bench"}, {"build", "-trimpath", "-o", easbot, "./cmd/easbot"}} {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return benchmarks, easbot, nil
}

// runGo runs every benchmark once, each for about the given time. Where one fails, the others are still returned.
func runGo(ctx context.Context, binary, root string, each time.Duration) (map[string]result, error) {
	cmd := exec.CommandContext(ctx, binary, "-test.run", "^$", "-test.bench", ".", "-test.benchtime", each.String())
	cmd.Dir = filepath.Join(root, "tools", "bench")
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("benchmarks: %w\n%s", err, out)
	}
	return readResults(string(out)), err
}
