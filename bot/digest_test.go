package bot

import (
	"fmt"
	"strings"
	"testing"

	"easbot/internal/fakead"
	"easbot/internal/fakeslack"
	"easbot/internal/world"
)

// More phones than one message can hold: the count is true, the first ten are in the channel, the others in its thread.
func TestDigest_ManyPhonesGoIntoTheThread(t *testing.T) {
	p := newParts(t, fakeslack.Socket, embeddedParts)
	b, _ := p.start()
	x := fakead.NewExchange(p.embedded, fakead.ExchangeOptions{})
	defer x.Close()
	for i := range 21 {
		phone := world.Phone{ID: fmt.Sprintf("NEWPHONE%02d", i), Type: "iPhone", Model: strings.Repeat("<!channel>", i),
			OS: "iOS"}
		if _, err := x.NewPhone(world.Anna, phone); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.PostDigest(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := p.message(channel, "New in quarantine: 25 phones", "The first 10 are here")
	p.message(channel, "part 3 of 3")
	p.wait(func() bool { return len(p.workspace.Messages(channel)) == 3 })
	buttons := 0
	for _, m := range p.workspace.Messages(channel) {
		buttons += strings.Count(string(m.Blocks), `"eas.allow"`)
		if m.TS != first.TS && m.ThreadTS != first.TS {
			t.Error("a part of the digest is not in the thread")
		}
	}
	if buttons != 25 {
		t.Errorf("%d rows have an Allow button", buttons)
	}
	// Asked for again, nothing is new and nothing is posted.
	p.wait(func() bool { seen, err := b.store.SeenDevices(t.Context()); return err == nil && len(seen) == 25 })
	d, err := b.handlers.PostDigest(t.Context(), "2026-01-01+again")
	if err != nil || d.New != 0 || d.Waiting != 25 || len(p.workspace.Messages(channel)) != 3 {
		t.Errorf("again: %d new, %d waiting, %v", d.New, d.Waiting, err)
	}
}
