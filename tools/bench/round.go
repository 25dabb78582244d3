package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// add takes one round's figure into a measure.
func (m *measure) add(ns float64) { m.times = append(m.times, ns) }

// round measures everything once.
func (b *bench) round(ctx context.Context) error {
	results, err := runGo(ctx, b.benchmarks, b.root, b.each)
	if err != nil {
		return err
	}
	own, ok := results["Descriptor/string"]
	slice, ok2 := results["Descriptor/slice"]
	if !ok || !ok2 {
		return errors.New("the benchmark of the descriptor gave no figure")
	}
	b.descriptor.adsec.add(own["check-ns"])
	b.descriptor.slice.add(slice["check-ns"])
	for _, d := range b.directories {
		for way, m := range map[string]*measure{"bare-ns": &d.bare, "warm-ns": &d.warm, "cold-ns": &d.cold} {
			if ns, ok := results["Diagnosis/"+d.name][way]; ok {
				m.add(ns)
			} else {
				m.missing = "no server here: see .ci/install; Samba needs root"
			}
		}
	}
	if err := b.peer(ctx, "samba", &b.descriptor.samba, "python3-samba", own["granted"] == 1); err != nil {
		return err
	}
	if err := b.peer(ctx, "impacket", &b.descriptor.impacket, "python3-impacket", own["granted"] == 1); err != nil {
		return err
	}
	return b.readLog(ctx)
}

// peer asks another implementation and holds its verdict against ours.
func (b *bench) peer(ctx context.Context, name string, m *measure, debian string, granted bool) error {
	a, err := askPeer(ctx, name, b.question)
	if errors.Is(err, errAbsent) {
		m.missing = "not here: apt-get install " + debian
		return nil
	}
	if err != nil {
		return err
	}
	if a.Granted != granted {
		return fmt.Errorf("%s says granted=%v, adsec says %v: the figures would compare different things", name, a.Granted, granted)
	}
	m.add(a.NS)
	b.version[name] = a.Version
	return nil
}

// readLog counts the log with easbot and with grep.
func (b *bench) readLog(ctx context.Context) error {
	spent, out, err := timed(ctx, b.easbot, "explain", b.log)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("%d lines, ", b.lines); !strings.HasPrefix(out, want) {
		return fmt.Errorf("easbot explain did not read %s but said: %.80s", want, out)
	}
	b.explain.add(float64(spent))
	spent, _, err = timed(ctx, "grep", "-c", "Log=", b.log)
	if errors.Is(err, errAbsent) {
		b.grep.missing = "not here: apt-get install grep"
		return nil
	}
	if err != nil {
		return err
	}
	b.grep.add(float64(spent))
	return nil
}

// versions names the peers that were asked.
func (b *bench) versions() []string { return slices.Sorted(maps.Values(b.version)) }

// groups lays out what was measured.
func (b *bench) groups() []group {
	for _, m := range []*measure{&b.grep, &b.explain} {
		if len(m.times) > 0 {
			m.note = fmt.Sprintf("%.0f thousand lines a second", float64(b.lines)/median(m.times)*1e6)
		}
	}
	out := []group{
		{fmt.Sprintf("Descriptor of %d entries: parse and check", entries), []*measure{&b.descriptor.adsec, &b.descriptor.slice, &b.descriptor.samba, &b.descriptor.impacket}},
		{fmt.Sprintf("IIS log of %d MB, %d lines", b.size>>20, b.lines), []*measure{&b.grep, &b.explain}},
	}
	for _, d := range b.directories {
		out = append(out, group{"Diagnosis over LDAP: " + d.title, []*measure{&d.bare, &d.warm, &d.cold}})
	}
	return out
}
