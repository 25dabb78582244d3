package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// machine describes what the figures were measured on, one fact a line. What cannot be told here is left out.
func machine(ctx context.Context) []string {
	processor := field("/proc/cpuinfo", "model name")
	if processor == "" {
		processor = "unknown processor"
	}
	facts := []string{fmt.Sprintf("%s, %d processors, %s/%s", processor, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)}
	if total := field("/proc/meminfo", "MemTotal"); total != "" {
		facts = append(facts, "memory "+total)
	}
	if name := field("/etc/os-release", "PRETTY_NAME"); name != "" {
		facts = append(facts, strings.Trim(name, `"`))
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		if first := strings.Fields(string(load)); len(first) > 0 {
			facts = append(facts, "load before the run "+first[0])
		}
	}
	facts = append(facts, runtime.Version())
	if out, err := exec.CommandContext(ctx, "grep", "--version").Output(); err == nil {
		first, _, _ := strings.Cut(string(out), "\n")
		facts = append(facts, first)
	}
	return facts
}

// field returns the value behind the first "name: value" or "name=value" of a file; "" when there is none.
func field(file, name string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		if at := strings.IndexAny(line, ":="); at > 0 && strings.TrimSpace(line[:at]) == name {
			return strings.TrimSpace(line[at+1:])
		}
	}
	return ""
}
