package view

import (
	"easbot/approvals"
	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// DigestPage draws one message of a digest: page i, with a row for each of its requests.
func DigestPage(d approvals.Digest, i int, rows []approvals.Request) Message {
	title := english.Text("digest.header", messages.Values{"count": d.New})
	m := shrinkToLimits(func(limit int) Message {
		var blocks []slack.Block
		if i == 0 {
			blocks = append(blocks, headerBlock(title), richText(digestAbout(d, len(rows))), slack.NewDividerBlock())
		}
		for _, r := range rows {
			blocks = append(blocks, digestRow(r, limit)...)
		}
		return Message{Blocks: blocks}
	})
	m.Text = english.Text("digest.text", messages.Values{"title": title})
	if i > 0 {
		part := messages.Values{"title": title, "part": i + 1, "parts": len(d.Pages)}
		m.Text = english.Text("digest.text-part", part)
	}
	return m
}

// digestAbout says what the list is, and where the rest of it stands.
func digestAbout(d approvals.Digest, shown int) line {
	about := sentenceLine(english, "digest.about", nil)
	if d.Waiting > 0 {
		about = append(about, sentenceLine(english, "digest.about-waiting", messages.Values{"count": d.Waiting})...)
	}
	if d.Unread > 0 {
		about = append(about, sentenceLine(english, "digest.about-unread", messages.Values{"count": d.Unread})...)
	}
	if len(d.Pages) > 1 {
		about = append(about, sentenceLine(english, "digest.about-thread", messages.Values{"shown": shown})...)
	}
	return about
}

// digestRow is one device: what it is and its two buttons, or how it came out.
func digestRow(r approvals.Request, limit int) []slack.Block {
	l := sentenceLine(english, "digest.row", messages.Values{
		"owner": eas.Clean(r.Mailbox.Name, limit), "phone": outsideText(phoneWords(r.Device), limit),
	})
	since := r.Device.FirstSync
	if since.IsZero() {
		since = r.Device.Created
	}
	if !since.IsZero() {
		l = append(l, sentenceLine(english, "digest.row-since", messages.Values{"since": timeInReadersZone(since)})...)
	}
	if r.Protected {
		l = append(l, sentenceLine(english, "digest.row-protected", nil)...)
	}
	if r.State == approvals.Pending {
		for _, v := range r.Votes {
			l = append(l, sentenceLine(english, "digest.row-vote", messages.Values{"who": mentionOf(v.By)})...)
		}
		buttons := requestButtons(r.ID, approvals.ActionAllow, approvals.ActionBlock)
		return []slack.Block{richText(l), slack.NewActionBlock("", buttons...)}
	}
	done := line{boldText(english.Text(r.State.Info().Row, nil))}
	if r.Decision != nil {
		done = append(done, byAndWhen("digest.row-decided", *r.Decision)...)
	}
	blocks := []slack.Block{richText(l, done)}
	if cmd := commandByHand(r); len(cmd) > 0 {
		blocks = append(blocks, codeBlock(cmd...))
	}
	return blocks
}
