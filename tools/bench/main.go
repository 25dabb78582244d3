// Command bench measures what easbot does beside other programs that do the same, all in one run, and prints one table. It needs
// nothing but Go; a program that is not installed is named in the table. No figure makes it fail, but a different verdict does.
//
//	go run ./tools/bench            as "make bench" does
//	go run ./tools/bench -rounds 1  a quick look
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// plan is how much is measured.
type plan struct {
	root   string
	rounds int
	each   time.Duration // for one benchmark in one round
	size   int64         // of the log
}

func main() {
	p := plan{}
	flag.StringVar(&p.root, "root", ".", "the repository")
	flag.IntVar(&p.rounds, "rounds", 5, "how often everything is measured; the table has the median")
	flag.DurationVar(&p.each, "each", time.Second, "how long one benchmark takes in one round")
	megabytes := flag.Int64("log", 256, "megabytes of the generated log")
	flag.Parse()
	p.size = *megabytes << 20
	if p.rounds < 1 || p.size < 1 || p.each <= 0 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, p)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures round by round, so that a busy minute of the machine meets everybody, and prints the table.
func run(ctx context.Context, p plan) error {
	dir, err := os.MkdirTemp("", "easbot-bench")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system clears its temporary folder too
	facts := machine(ctx)
	b, err := prepare(ctx, p, dir)
	if err != nil {
		return err
	}
	for n := range p.rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", n+1, p.rounds)
		if err := b.round(ctx); err != nil {
			return err
		}
	}
	fmt.Println(strings.Join(append(facts, b.versions()...), "; "))
	fmt.Printf("%d rounds; median and fastest of one operation\n\n", p.rounds)
	return writeTable(os.Stdout, b.groups())
}

// bench holds what was prepared and what has been measured.
type bench struct {
	plan
	benchmarks, easbot string // programs
	log                string
	lines              int
	question           question
	descriptor         struct{ adsec, slice, samba, impacket measure }
	explain, grep      measure
	directories        []*controller
	version            map[string]string
}

// controller is a server that a diagnosis was measured on.
type controller struct {
	title, name      string
	bare, warm, cold measure
}

func prepare(ctx context.Context, p plan, dir string) (*bench, error) {
	q, err := readQuestion(filepath.Join(p.root, "internal/adsec/testdata/samba.json"))
	if err != nil {
		return nil, err
	}
	q.Seconds = p.each.Seconds()
	b := &bench{plan: p, question: q, version: map[string]string{}}
	if b.benchmarks, b.easbot, err = buildGo(ctx, p.root, dir); err != nil {
		return nil, err
	}
	if b.log, b.lines, err = logFile(dir, p.size); err != nil {
		return nil, err
	}
	b.descriptor.adsec.name, b.descriptor.slice.name = "easbot (adsec)", "easbot, copying the bytes first"
	b.descriptor.samba.name, b.descriptor.impacket.name = "Samba (python3-samba)", "impacket"
	b.grep.name, b.explain.name = "grep -c Log=", "easbot explain"
	b.directories = []*controller{{title: "Samba domain controller", name: "samba"}, {title: "embedded directory", name: "embedded"}}
	for _, d := range b.directories {
		d.bare.name, d.warm.name, d.cold.name = "the bare LDAP searches", "easbot", "easbot, first one after a start"
	}
	return b, nil
}
