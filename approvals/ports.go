package approvals

import (
	"context"
	"errors"

	"easbot/internal/eas"
)

// Store keeps requests and the audit stream. Every method returns an error that wraps eas.ErrUnavailable when the store
// cannot be reached; nothing was changed then, or it is unknown whether it was (a retry is safe).
type Store interface {
	// Create saves a new request. When the device already has an open request (Pending or Applying), it saves nothing
	// and returns that one with ErrOpen.
	CreateRequest(ctx context.Context, r Request, e Entry) (Request, error)
	// Load returns ErrUnknown when there is no such request.
	LoadRequest(ctx context.Context, id string) (Request, error)
	// Save replaces version next.Version-1 and appends the entry (none when e is nil), in one step; ErrConflict when
	// the stored version is another; ErrOpen when next is Pending or Applying and the device has another such request
	// (a retry of what failed long ago).
	SaveRequest(ctx context.Context, next Request, e *Entry) error
	// Open returns the requests in Pending, Applying, Allowed, Failed and Revoking, oldest first.
	OpenRequests(ctx context.Context) ([]Request, error)
	// OpenOf returns the requests in Pending or Applying of the devices with these objectGUIDs.
	OpenRequestsOf(ctx context.Context, devices []string) ([]Request, error)
	// Owing returns the requests that owe an effect.
	OwingRequests(ctx context.Context) ([]Request, error)
	// History returns audit entries, newest first, at most f.Limit (100 when 0).
	AuditHistory(ctx context.Context, f HistoryFilter) ([]Entry, error)
	// Entries returns the audit entries from sequence number from on, oldest first, at most limit.
	AuditEntries(ctx context.Context, from int64, limit int) ([]Entry, error)
	// Head returns the number and the hash of the newest audit entry, as remembered beside the stream; 0 and "" when
	// there is none.
	AuditHead(ctx context.Context) (seq int64, hash string, err error)

	// LoadDigest returns ErrUnknown when there is no such digest.
	LoadDigest(ctx context.Context, id string) (Digest, error)
	// LastDigest returns the latest day's digest that is done, those by hand left out; ErrUnknown when there is none.
	LastDigest(ctx context.Context) (Digest, error)
	// SaveDigest replaces version next.Version-1 (creates, when next.Version is 1); ErrConflict when the stored version
	// is another. With next.Done, the seen set becomes next.Seen in the same step, unless a later digest has set it.
	SaveDigest(ctx context.Context, next Digest) error
	// Seen returns the objectGUIDs of the devices in quarantine when the last finished digest was planned.
	SeenDevices(ctx context.Context) ([]string, error)
}

// Directory writes decisions and reads them back.
type Directory interface {
	// Apply makes the change with single values and the permissive-modify control, and reads it back from the same
	// controller. Errors: eas.ErrRefused (with the directory's words), eas.ErrNotFound, eas.ErrUnavailable.
	// It is safe to repeat.
	Apply(ctx context.Context, c Change) (Applied, error)
	// Status reads a device and its mailbox's lists; eas.ErrNotFound when one of the objects is gone. With prefer set
	// to a controller's URL, that one is asked first.
	Status(ctx context.Context, mailboxGUID, deviceGUID, prefer string) (Status, error)
}

// Queue runs effects soon: at once, or at Effect.NotBefore. Enqueuing twice under one id is once.
type Queue interface {
	Enqueue(ctx context.Context, requestID string, e Effect) error
}

// Approvers says who may decide.
type Approvers interface {
	// IsApprover asks afresh each time; on error nobody is an approver.
	IsApprover(ctx context.Context, p eas.Person) (bool, error)
}

// Errors that callers branch on.
var (
	ErrUnknown      = errors.New("no such request")
	ErrOpen         = errors.New("the device has an open request")
	ErrConflict     = errors.New("the request was changed meanwhile")
	ErrNotPending   = errors.New("the request is not pending any more")
	ErrNotApprover  = errors.New("not an approver")
	ErrOwnMailbox   = errors.New("nobody decides about their own mailbox")
	ErrNoIdentity   = errors.New("the directory does not know who this is")
	ErrVotedAlready = errors.New("this person has voted already")
	ErrDeviceGone   = errors.New("the device is gone from the directory")
	ErrChanged      = errors.New("the device's state was changed elsewhere")
	ErrNotAllowed   = errors.New("this cannot be done in the request's state")
	// ErrDirectory marks errors of the directory where the store's could be meant too.
	ErrDirectory = errors.New("directory")
)
