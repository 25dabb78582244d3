package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"easbot/approvals"

	"github.com/google/go-cmp/cmp"
)

func chainHoldsWhenManyWrite(t *testing.T, s approvals.Store) {
	const n = 40
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() {
			r := NewRequest(fmt.Sprint("r", i), fmt.Sprint("d", i))
			_, errs[i] = s.CreateRequest(t.Context(), r, NewEntry(r))
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if v := MustVerify(t, s); !v.OK || v.Entries != n {
		t.Errorf("%+v", v)
	}
}

func historyNewestFirst(t *testing.T, s approvals.Store) {
	for i := range 3 {
		r := NewRequest(fmt.Sprint("r", i), fmt.Sprint("d", i))
		if i == 1 {
			r.Mailbox.GUID = "guid-bert"
		}
		MustBecome(t, s, MustCreate(t, s, r), approvals.Denied)
	}
	for name, c := range map[string]struct {
		f    approvals.HistoryFilter
		want []int64
	}{
		"all":         {want: []int64{6, 5, 4, 3, 2, 1}},
		"at most two": {f: approvals.HistoryFilter{Limit: 2}, want: []int64{6, 5}},
		"a mailbox": {f: approvals.HistoryFilter{MailboxGUID: "GUID-anna"},
			want: []int64{6, 5, 2, 1}},
		"a mailbox, at most one": {f: approvals.HistoryFilter{MailboxGUID: "guid-anna", Limit: 1},
			want: []int64{6}},
		"a request":                   {f: approvals.HistoryFilter{Request: "r1"}, want: []int64{4, 3}},
		"a request, another's owner":  {f: approvals.HistoryFilter{Request: "r1", MailboxGUID: "guid-anna"}},
		"a mailbox that nobody knows": {f: approvals.HistoryFilter{MailboxGUID: "guid-zoe"}},
	} {
		entries, err := s.AuditHistory(t.Context(), c.f)
		var got []int64
		for _, e := range entries {
			got = append(got, e.Seq)
		}
		if d := cmp.Diff(c.want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
	}
	page, err := s.AuditEntries(t.Context(), 3, 2)
	if err != nil || len(page) != 2 || page[0].Seq != 3 || page[1].Seq != 4 {
		t.Errorf("a page of the stream: %+v, %v", page, err)
	}
}
