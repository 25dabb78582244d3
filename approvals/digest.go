package approvals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"easbot/internal/eas"
)

// Digest is one day's list of newly quarantined devices. It is saved before it is posted, page by page, so a crash
// anywhere leads to the rest being posted and nothing twice.
type Digest struct {
	ID      string    `json:"id"` // the local date, 2026-11-21; a digest asked for by hand has a suffix
	Version int64     `json:"version"`
	At      time.Time `json:"at"`
	New     int       `json:"new"`     // devices newly in quarantine
	Waiting int       `json:"waiting"` // devices in quarantine that an earlier digest showed
	// Unread counts what could not be looked at, and devices whose owner's lists are not readable: nobody can decide
	// about them here.
	Unread int `json:"unread,omitempty"`
	// Pages: the first is the channel message, the others go into its thread.
	Pages []Page `json:"pages"`
	Done  bool   `json:"done"` // every page is posted
	// Seen are the objectGUIDs of all devices in quarantine when the digest was planned: what the next one leaves out.
	Seen []string `json:"seen,omitempty"`
}

// Page is one message of a digest.
type Page struct {
	Requests []string `json:"requests"` // request ids, a row each
	Channel  string   `json:"channel,omitempty"`
	TS       string   `json:"ts,omitempty"` // empty until posted
}

// RowsPerPage keeps a page of rows with buttons below Slack's limits of blocks and bytes (and what a click echoes
// small).
const RowsPerPage = 10

// ByHand reports whether somebody asked for the digest beside the day's own: its id has a "+" in it.
func (d Digest) ByHand() bool { return strings.Contains(d.ID, "+") }

// PlanDigest makes the digest with this id of what is in quarantine now, or returns the one there is: a plan is made
// once, also by several replicas, and saved before anything is posted. New is what the digest before did not see; each
// new device gets a pending request, or joins the one that waits already.
func (s *Service) PlanDigest(ctx context.Context, id string, quarantine eas.Quarantine) (Digest, error) {
	if d, err := s.Store.LoadDigest(ctx, id); !errors.Is(err, ErrUnknown) {
		return d, err
	}
	seen, err := s.Store.SeenDevices(ctx)
	if err != nil {
		return Digest{}, fmt.Errorf("read what the last digest showed: %w", err)
	}
	d := Digest{ID: id, Version: 1, At: s.Now(), Pages: []Page{}, Unread: len(quarantine.Unseen)}
	var rows []string
	counted := map[string]bool{}
	for _, w := range quarantine.Waiting {
		if counted[w.Device.GUID] {
			continue
		}
		counted[w.Device.GUID] = true
		if slices.Contains(seen, w.Device.GUID) {
			d.Seen = append(d.Seen, w.Device.GUID)
			d.Waiting++
			continue
		}
		// adminCount is a wider net than the groups: it also catches accounts that were protected once. One that is
		// not readable may be set.
		adminCount, hidden := w.Mailbox.AdminCount.Or(0)
		fresh, err := s.newRequest(w.Mailbox, w.Device, "", hidden != nil || adminCount > 0)
		if err != nil {
			d.Unread++ // and not seen: it is new as soon as it can be read
			continue
		}
		d.Seen = append(d.Seen, w.Device.GUID)
		r, err := s.createRequest(ctx, fresh, Event{Kind: EventFound})
		if err != nil && !errors.Is(err, ErrOpen) {
			return Digest{}, err
		}
		d.New++
		rows = append(rows, r.ID)
	}
	for page := range slices.Chunk(rows, RowsPerPage) {
		d.Pages = append(d.Pages, Page{Requests: page})
	}
	if last, err := s.Store.LastDigest(ctx); len(rows) == 0 && d.Unread > 0 && (err != nil || last.Unread != d.Unread) {
		d.Pages = []Page{{}} // nothing new, but that not all was looked at is said once
	}
	d.Done = len(d.Pages) == 0
	if err := s.Store.SaveDigest(ctx, d); errors.Is(err, ErrConflict) {
		return s.Store.LoadDigest(ctx, id)
	} else if err != nil {
		return d, fmt.Errorf("save the digest's plan: %w", err)
	}
	return d, nil
}

// DigestPosted notes the message of a page, with the digest and with each of its requests. When it was the last page,
// the digest is done. Noting a page again changes nothing.
func (s *Service) DigestPosted(ctx context.Context, id string, page int, c Card) (Digest, error) {
	for range maxTries {
		d, err := s.Store.LoadDigest(ctx, id)
		if err != nil {
			return d, err
		}
		if page < 0 || page >= len(d.Pages) {
			return d, fmt.Errorf("digest %s has no page %d", id, page)
		}
		// The rows first: a crash in between leaves a page that is looked for, not rows that nobody redraws.
		if err := s.noteRows(ctx, d.Pages[page], c); err != nil {
			return d, err
		}
		if d.Pages[page].TS != "" {
			return d, nil // the first message stays the page: others are in its thread
		}
		d.Pages = slices.Clone(d.Pages)
		d.Pages[page].Channel, d.Pages[page].TS = c.Channel, c.TS
		d.Version++
		d.Done = !slices.ContainsFunc(d.Pages, func(p Page) bool { return p.TS == "" })
		if err := s.Store.SaveDigest(ctx, d); errors.Is(err, ErrConflict) {
			continue
		} else if err != nil {
			return d, fmt.Errorf("save digest %s: %w", id, err)
		}
		return d, nil
	}
	return Digest{}, fmt.Errorf("save digest %s: %w", id, ErrConflict)
}

// noteRows tells every request of a page where it is shown.
func (s *Service) noteRows(ctx context.Context, p Page, c Card) error {
	for _, id := range p.Requests {
		if _, err := s.NoteCard(ctx, id, c); err != nil {
			return err
		}
	}
	return nil
}

// LoadDigest returns a digest; ErrUnknown when there is none with this id.
func (s *Service) LoadDigest(ctx context.Context, id string) (Digest, error) {
	return s.Store.LoadDigest(ctx, id)
}

// LastDigest returns the id of the latest day whose digest is done, "" when there was none. Digests asked for by hand
// do not count: the day's own is posted all the same.
func (s *Service) LastDigest(ctx context.Context) (string, error) {
	d, err := s.Store.LastDigest(ctx)
	if errors.Is(err, ErrUnknown) {
		return "", nil
	}
	return d.ID, err
}
