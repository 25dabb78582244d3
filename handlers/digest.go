package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"easbot/approvals"
	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// PostDigest posts the digest with this id: the devices that are newly in quarantine, ten to a message, the first message
// in the channel and the rest in its thread. Calling it again with the same id posts what is still missing and nothing
// twice. It returns the digest; nothing is posted when nothing is new.
func (h *Handlers) PostDigest(ctx context.Context, id string) (approvals.Digest, error) {
	waiting, err := h.Directory.Quarantined(ctx)
	if err != nil {
		return approvals.Digest{}, fmt.Errorf("read what is in quarantine: %w", err)
	}
	d, err := h.Approvals.PlanDigest(ctx, id, waiting)
	if err != nil {
		return d, h.storeErr(fmt.Errorf("plan the digest: %w", err))
	}
	for i := range d.Pages {
		if d.Pages[i].TS != "" {
			continue
		}
		m, err := h.page(ctx, d, i)
		if err != nil {
			return d, err
		}
		thread := ""
		if i > 0 {
			thread = d.Pages[0].TS
		}
		key := fmt.Sprintf("digest/%s/%d", d.ID, i)
		ts, err := h.Slack.FindPosted(ctx, h.Channel, thread, key, d.At)
		if err != nil {
			return d, fmt.Errorf("look for the digest's message: %w", err)
		}
		if ts == "" {
			if ts, err = h.Slack.Post(ctx, h.Channel, thread, key, m); err != nil {
				return d, fmt.Errorf("post the digest: %w", err)
			}
		}
		if d, err = h.Approvals.DigestPosted(ctx, d.ID, i, approvals.Card{Kind: approvals.CardDigest, Channel: h.Channel, TS: ts, Digest: d.ID}); err != nil {
			return d, h.storeErr(fmt.Errorf("note the digest's message: %w", err))
		}
	}
	return d, nil
}

// redrawPage draws the digest message that shows a request anew.
func (h *Handlers) redrawPage(ctx context.Context, c approvals.Card) error {
	d, err := h.Approvals.LoadDigest(ctx, c.Digest)
	if errors.Is(err, approvals.ErrUnknown) {
		return nil // kept shorter than its requests; the message stays as it is
	}
	if err != nil {
		return h.storeErr(err)
	}
	for i, p := range d.Pages {
		if p.TS != c.TS {
			continue
		}
		m, err := h.page(ctx, d, i)
		if err != nil {
			return err
		}
		if err := h.Slack.Update(ctx, p.Channel, p.TS, m); err != nil && !errors.Is(err, ErrMessageGone) {
			return fmt.Errorf("redraw the digest: %w", err)
		}
	}
	return nil
}

// page draws one message of a digest from the stored requests.
func (h *Handlers) page(ctx context.Context, d approvals.Digest, i int) (Message, error) {
	var rows []approvals.Request
	for _, id := range d.Pages[i].Requests {
		r, err := h.Approvals.Get(ctx, id)
		if err != nil {
			return Message{}, h.storeErr(fmt.Errorf("read request %s of the digest: %w", id, err))
		}
		rows = append(rows, r)
	}
	return digestPage(d, i, rows), nil
}

func digestPage(d approvals.Digest, i int, rows []approvals.Request) Message {
	title := fmt.Sprintf("New in quarantine: %s", phones(d.New))
	m := fit(func(limit int) Message {
		var blocks []slack.Block
		if i == 0 {
			about := line{words("These phones came since the last digest and get no mail until somebody decides.")}
			if d.Waiting > 0 {
				about = append(about, words(fmt.Sprintf(" %s from earlier still wait: /eas pending.", phones(d.Waiting))))
			}
			if len(d.Pages) > 1 {
				about = append(about, words(fmt.Sprintf(" The first %d are here, the rest is in this thread.", len(rows))))
			}
			blocks = append(blocks, header(title), rich(about), slack.NewDividerBlock())
		}
		for _, r := range rows {
			blocks = append(blocks, digestRow(r, limit)...)
		}
		return Message{Blocks: blocks}
	})
	m.Text = title + ". Allow or block each one."
	if i > 0 {
		m.Text = fmt.Sprintf("%s, part %d of %d.", title, i+1, len(d.Pages))
	}
	return m
}

func phones(n int) string {
	if n == 1 {
		return "1 phone"
	}
	return fmt.Sprintf("%d phones", n)
}

// digestRow is one device: what it is and its two buttons, or how it came out.
func digestRow(r approvals.Request, limit int) []slack.Block {
	l := line{bold(eas.Clean(r.Mailbox.Name, limit)), words(": "), value(phoneWords(r.Device), limit)}
	since := r.Device.FirstSync
	if since.IsZero() {
		since = r.Device.Created
	}
	if !since.IsZero() {
		l = append(l, words(", since "), when(since))
	}
	if r.Protected {
		l = append(l, words(". Administrator's account: two approvers decide."))
	}
	if r.State == approvals.Pending {
		for _, v := range r.Votes {
			l = append(l, words(" "), person(v.By), words(" said allow."))
		}
		return []slack.Block{rich(l), slack.NewActionBlock("",
			button("eas.allow", r.ID, "Allow", string(slack.StylePrimary)),
			blockButton(r.ID))}
	}
	done := line{bold(rowOutcome(r))}
	if r.Decision != nil {
		done = append(done, words(" by "), person(r.Decision.By), words(", "), when(r.Decision.At))
	}
	blocks := []slack.Block{rich(l, done)}
	if cmd := byHand(r); len(cmd) > 0 {
		blocks = append(blocks, code(cmd...))
	}
	return blocks
}

func rowOutcome(r approvals.Request) string {
	switch r.State {
	case approvals.Applying:
		return "Being carried out"
	case approvals.Allowed:
		return "Allowed"
	case approvals.Syncing:
		return "Allowed, mail flows"
	case approvals.Blocked:
		return "Blocked"
	case approvals.Denied:
		return "Denied"
	case approvals.Elsewhere:
		return "Settled in Exchange"
	case approvals.Failed:
		return "The directory refused; to run by hand"
	case approvals.Expired:
		return "Expired"
	case approvals.Withdrawn:
		return "Withdrawn"
	default:
		return "Undone"
	}
}

// DigestID is the id of the digest of a local day: one a day, however often the bot starts.
func DigestID(day time.Time) string { return day.Format(time.DateOnly) }
