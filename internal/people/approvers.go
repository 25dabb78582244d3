package people

import (
	"context"
	"fmt"
	"slices"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

// IsApprover implements approvals.Approvers: by Slack user id, by Slack user group, or by nested membership in the
// directory's group. It asks afresh each time. Any error means no.
func (r *Resolver) IsApprover(ctx context.Context, p eas.Person) (bool, error) {
	if p.SlackUser == "" || !r.IsOwnWorkspace(p.SlackTeam) {
		return false, nil
	}
	if slices.Contains(r.ApproverUsers, p.SlackUser) {
		return true, nil
	}
	for _, group := range r.ApproverGroups {
		members, err := r.Slack.GroupMembers(ctx, group)
		if err != nil {
			return false, fmt.Errorf("read the approvers' user group %s: %w", group, err)
		}
		if slices.Contains(members, p.SlackUser) {
			return true, nil
		}
	}
	if r.ApproverADGroup == "" || p.DN == "" {
		return false, nil
	}
	ok, err := r.Directory.MemberOf(ctx, p.DN, r.ApproverADGroup)
	if err != nil {
		return false, fmt.Errorf("read the approvers' group in the directory: %w", err)
	}
	return ok, nil
}

// RequireApprover identifies a person and refuses whoever may not decide.
func (r *Resolver) RequireApprover(ctx context.Context, slackID string) (eas.Person, error) {
	p, err := r.PersonOf(ctx, slackID)
	if err != nil {
		return p, err
	}
	ok, err := r.IsApprover(ctx, p)
	if err != nil {
		return p, err
	}
	if !ok {
		return p, messages.Refuse("identity.not-approver", nil)
	}
	return p, nil
}
