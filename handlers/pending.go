package handlers

import (
	"context"
	"fmt"

	"easbot/approvals"
	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// pending answers "/eas pending": one's own requests, and for approvers everybody's with links to the cards.
func (h *Handlers) pending(ctx context.Context, c Call) (Message, error) {
	p, err := h.somebody(ctx, c.User)
	if err != nil {
		return Message{}, err
	}
	all, err := h.Approvals.Pending(ctx)
	if err != nil {
		return Message{}, h.storeErr(err)
	}
	approver, err := h.IsApprover(ctx, p)
	if err != nil {
		return Message{}, err
	}
	var mine []approvals.Request
	for _, r := range all {
		if approver || eas.SameGUID(r.Mailbox.GUID, p.GUID) || (r.Requester.SlackUser == p.SlackUser && p.SlackUser != "") {
			mine = append(mine, r)
		}
	}
	if len(mine) == 0 {
		return Text("Nothing waits for a decision."), nil
	}
	links := make([]string, len(mine))
	for i, r := range mine {
		if i >= 15 || len(r.Cards) == 0 || !approver {
			continue
		}
		last := r.Cards[len(r.Cards)-1]
		if links[i], err = h.Slack.Permalink(ctx, last.Channel, last.TS); err != nil {
			h.Logger.WarnContext(ctx, "no link to a card", "request", r.ID, "error", err)
		}
	}
	now := h.Now()
	m := fit(func(limit int) Message {
		blocks := []slack.Block{header(fmt.Sprintf("Waiting for a decision (%d)", len(mine)))}
		for i, r := range mine {
			if i == 15 {
				blocks = append(blocks, note(fmt.Sprintf("and %d more; the oldest come first.", len(mine)-i)))
				break
			}
			l := line{bold(eas.Clean(r.Device.Name(), limit)), words(" of "), value(r.Mailbox.Name, limit), words(", for " + ago(now.Sub(r.CreatedAt)))}
			if len(r.Votes) > 0 {
				l = append(l, words(fmt.Sprintf(", %d of %d approvals", len(r.Votes), r.Needed)))
			}
			if links[i] != "" {
				l = append(l, words("  "), slack.NewRichTextSectionLinkElement(links[i], "open the card", nil))
			}
			blocks = append(blocks, rich(l))
			if r.Requester.SlackUser == c.User {
				blocks = append(blocks, slack.NewActionBlock("", withdrawButton(r, 0)))
			}
		}
		return Message{Blocks: append(blocks, note("Only you can see this."))}
	})
	return m.headed(waitingWords(len(mine))), nil
}

func waitingWords(n int) string {
	if n == 1 {
		return "1 request waits for a decision."
	}
	return fmt.Sprintf("%d requests wait for a decision.", n)
}
