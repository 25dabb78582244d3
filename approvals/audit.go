package approvals

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"easbot/internal/eas"
)

// Entry is one line of the audit stream. The stream only grows; each entry carries the hash of the one before.
type Entry struct {
	Seq     int64      `json:"seq"` // 1, 2, 3…: set by the store
	At      time.Time  `json:"at"`
	Request string     `json:"request"`
	Event   EventKind  `json:"event"`
	By      eas.Person `json:"by"` // zero when easbot itself acted
	Mailbox Owner      `json:"mailbox"`
	Device  string     `json:"device"` // device id
	Model   string     `json:"model,omitempty"`
	Verb    Verb       `json:"verb,omitempty"` // for EventVoted and EventDecided: what was said
	Reason  string     `json:"reason,omitempty"`
	From    State      `json:"from,omitempty"`
	To      State      `json:"to"`
	Before  *Values    `json:"before,omitempty"`
	After   *Values    `json:"after,omitempty"`
	Server  string     `json:"server,omitempty"`
	Link    string     `json:"link,omitempty"`
	Prev    string     `json:"prev"` // hash of the entry before; empty for the first
	Hash    string     `json:"hash"` // hex SHA-256 over Prev and this entry's JSON without Hash
}

// HistoryFilter selects audit entries; zero values select all.
type HistoryFilter struct {
	MailboxGUID string
	Request     string
	Limit       int
}

// ComputeHash is what Hash must be: the hex SHA-256 of Prev, a line feed and the entry's JSON with an empty Hash.
// Fields that are added later must be left out of the JSON when empty, or old entries would no longer match.
func (e Entry) ComputeHash() string {
	e.Hash = ""
	text, err := json.Marshal(e)
	if err != nil { // only a year beyond 9999 or the like can do this
		text = []byte(err.Error())
	}
	sum := sha256.Sum256(append([]byte(e.Prev+"\n"), text...))
	return hex.EncodeToString(sum[:])
}

// ChainAfter makes the entry follow the one with that number and hash.
func (e Entry) ChainAfter(seq int64, hash string) Entry {
	e.Seq, e.Prev = seq+1, hash
	e.Hash = e.ComputeHash()
	return e
}

// entryFor is the audit entry of a step; nil for a step that only kept the books.
func entryFor(was, is Request, e Event, now time.Time) *Entry {
	switch e.Kind {
	case EventPosted, EventDone, EventWatched:
		return nil
	}
	entry := Entry{
		At: now.UTC(), Request: is.ID, Event: e.Kind, By: e.By, Mailbox: is.Mailbox,
		Device: is.Device.ID, Model: is.Device.Name(), Verb: e.Verb, Reason: e.Reason,
		From: was.State, To: is.State, After: e.Seen, Link: e.Link,
	}
	switch e.Kind {
	case EventVoted:
		if is.State != Pending {
			entry.Event = EventDecided
		}
	case EventRefused:
		entry.Reason = e.Failure
	}
	if a := e.Applied; a != nil {
		before, after := a.Before, a.After
		entry.Before, entry.After, entry.Server = &before, &after, a.Server
	}
	return &entry
}

// VerifyResult is what a check of the audit stream found.
type VerifyResult struct {
	Entries int64  `json:"entries"`           // how many were read
	Head    string `json:"head"`              // hash of the last one; written down elsewhere, it shows a later rewrite
	OK      bool   `json:"ok"`                // every entry follows the one before, none is missing
	BadSeq  int64  `json:"bad_seq,omitempty"` // the first entry that is wrong or missing
	Problem string `json:"problem,omitempty"`
}

// VerifyAudit walks the audit stream from its first entry and checks numbers and hashes, and that the stream ends where
// the store remembers its end. Somebody who can rewrite the whole of Redis can forge a chain: keep Head elsewhere.
func (s *Service) VerifyAudit(ctx context.Context) (VerifyResult, error) {
	const page = 500
	// The end is read first: entries that come meanwhile must not look like a surplus.
	headSeq, headHash, err := s.Store.AuditHead(ctx)
	if err != nil {
		return VerifyResult{}, fmt.Errorf("read the end of the audit stream: %w", err)
	}
	res := VerifyResult{}
	bad := func(seq int64, problem string) (VerifyResult, error) {
		res.BadSeq, res.Problem = seq, problem
		return res, nil
	}
	for {
		entries, err := s.Store.AuditEntries(ctx, res.Entries+1, page)
		if err != nil {
			return res, fmt.Errorf("read the audit stream: %w", err)
		}
		for _, e := range entries {
			switch want := res.Entries + 1; {
			case e.Seq != want:
				return bad(want, fmt.Sprintf("entry %d is missing", want))
			case e.Prev != res.Head:
				return bad(want, "the entry does not follow the one before")
			case e.Hash != e.ComputeHash():
				return bad(want, "the entry was changed")
			case e.Seq == headSeq && e.Hash != headHash:
				return bad(want, "the entry is not the one that was remembered as the last")
			}
			res.Entries, res.Head = e.Seq, e.Hash
		}
		if len(entries) == 0 {
			break
		}
	}
	if res.Entries < headSeq {
		return bad(res.Entries+1, fmt.Sprintf("the stream ends before entry %d", headSeq))
	}
	if res.Entries > headSeq { // written while the stream was read, or slipped in
		if headSeq, _, err = s.Store.AuditHead(ctx); err != nil {
			return res, fmt.Errorf("read the end of the audit stream: %w", err)
		}
		if res.Entries > headSeq {
			return bad(headSeq+1, "there are entries after the one that was remembered as the last")
		}
	}
	res.OK = true
	return res, nil
}
