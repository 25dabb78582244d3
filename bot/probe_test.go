package bot

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"easbot/diag"
	"easbot/internal/config"
	"easbot/internal/eas"
	"easbot/internal/fakeslack"
)

func TestNew_AsksTheServerOnlyWhenItsAddressIsConfigured(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{"": false, "https://127.0.0.1:1": true} {
		p := newParts(t, fakeslack.HTTP, embeddedParts)
		p.cfg.Exchange.ProbeURL = url
		b, err := New(p.cfg, Options{Logger: slog.New(slog.DiscardHandler), DirectoryRoots: p.roots,
			Listener: p.listener})
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.handlers.Engine.Why(t.Context(), eas.Lookup{Address: "anna@example.com"}, "")
		if err != nil {
			t.Fatal(err)
		}
		asked := slices.ContainsFunc(r.Findings, func(f diag.Finding) bool { return f.Code == "server-unreachable" })
		if asked != want {
			t.Errorf("with %q: asked = %t", url, asked)
		}
		if err := errors.Join(b.store.Close(), b.directory.Close(), p.listener.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenProber_NamesTheKeyOfABadAddress(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	cfg.Exchange.ProbeURL = "http://mail.example.com"
	if _, err := OpenProber(cfg, time.Now); err == nil || !strings.HasPrefix(err.Error(), "exchange.probe_url: ") {
		t.Errorf("got %v", err)
	}
}
