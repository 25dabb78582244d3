package fakeslack

import (
	"context"
	"fmt"
	"maps"
)

// Click presses a button, or chooses an option of a select or overflow, in a message. value picks among elements with
// the same action id, and is the option's value where there are options; without it the first element is meant.
func (a Actor) Click(ctx context.Context, m Message, actionID string, value ...string) (Ack, error) {
	return a.sendInteraction(ctx, "block_actions", func() (map[string]any, error) {
		now, c, err := a.seenMessage(m)
		if err != nil {
			return nil, err
		}
		action, err := a.w.clickAction(now.Blocks, actionID, value)
		if err != nil {
			return nil, err
		}
		fields := map[string]any{
			"actions": []any{action},
			"container": map[string]any{"type": "message", "message_ts": now.TS, "channel_id": c.ID,
				"is_ephemeral": now.IsEphemeral()},
			"channel":      map[string]any{"id": c.ID, "name": c.Name},
			"response_url": a.w.responseAddress(a.user, c.ID, now.TS),
			"state":        map[string]any{"values": map[string]any{}},
		}
		if !now.IsEphemeral() {
			fields["message"] = now.toJSON(false)
		}
		return fields, nil
	})
}

// ClickView is Click in a modal or on the Home tab.
func (a Actor) ClickView(ctx context.Context, v View, actionID string, value ...string) (Ack, error) {
	return a.sendInteraction(ctx, "block_actions", func() (map[string]any, error) {
		now, err := a.w.openModal(a.user, v.ID)
		if home := a.w.homes[a.user]; err != nil && home != nil && home.ID == v.ID {
			now, err = home, nil
		}
		if err != nil {
			return nil, err
		}
		action, err := a.w.clickAction(now.BlockList(), actionID, value)
		if err != nil {
			return nil, err
		}
		return map[string]any{
			"actions":   []any{action},
			"container": map[string]any{"type": "view", "view_id": now.ID},
			"view":      now.toJSON(nil),
		}, nil
	})
}

// UseShortcut uses a message shortcut on a message.
func (a Actor) UseShortcut(ctx context.Context, callbackID string, m Message) (Ack, error) {
	return a.sendInteraction(ctx, "message_action", func() (map[string]any, error) {
		now, c, err := a.seenMessage(m)
		if err != nil {
			return nil, err
		}
		return map[string]any{
			"callback_id": callbackID, "action_ts": a.w.newTimestamp(), "message_ts": now.TS,
			"message":      now.toJSON(false),
			"channel":      map[string]any{"id": c.ID, "name": c.Name},
			"response_url": a.w.responseAddress(a.user, c.ID, ""),
		}, nil
	})
}

// OpenHome opens the app's Home tab.
func (a Actor) OpenHome(ctx context.Context) (Ack, error) {
	w := a.w
	w.mu.Lock()
	inner := map[string]any{
		"type": "app_home_opened", "user": a.user, "channel": w.directChannel(a.user).ID, "tab": "home",
		"event_ts": w.newTimestamp(),
	}
	if home := w.homes[a.user]; home != nil {
		inner["view"] = home.toJSON(nil)
	}
	payload := map[string]any{
		"token": "retired", "team_id": TeamID, "api_app_id": AppID, "type": "event_callback", "event": inner,
		"event_id": w.newID("Ev"), "event_time": w.opts.Now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []any{map[string]any{"enterprise_id": nil, "team_id": TeamID,
			"user_id": BotUserID, "is_bot": true,
			"is_enterprise_install": false}},
	}
	w.mu.Unlock()
	return w.deliverToBot(ctx, "events_api", payload)
}

// seenMessage finds a message as it is now, if the person sees it. The caller holds the lock.
func (a Actor) seenMessage(m Message) (*Message, *Channel, error) {
	now := a.w.findMessage(m.Channel, m.TS)
	if now == nil || now.IsEphemeral() && now.OnlyFor != a.user {
		return nil, nil, fmt.Errorf("message %s is not there any more", m.TS)
	}
	c, err := a.w.channelOfPerson(a.user, now.Channel)
	return now, c, err
}

// sendInteraction sends the app an interaction: what all of them share, and the fields that describe returns. describe
// runs with the lock held; when it fails or returns nothing, nothing is sent.
func (a Actor) sendInteraction(ctx context.Context, kind string, describe func() (map[string]any, error)) (Ack, error) {
	a.w.mu.Lock()
	fields, err := describe()
	if err != nil || fields == nil {
		a.w.mu.Unlock()
		return Ack{}, err
	}
	payload := a.w.newInteraction(kind, a.user)
	maps.Copy(payload, fields)
	a.w.mu.Unlock()
	return a.w.deliverToBot(ctx, "interactive", payload)
}

// newInteraction is what all interactive payloads share. The caller holds the lock.
func (w *Workspace) newInteraction(kind, user string) map[string]any {
	u, _ := w.userByID(user)
	payload := map[string]any{
		"type": kind, "token": "retired", "api_app_id": AppID,
		"team": map[string]any{"id": TeamID, "domain": "easbot-demo"}, "enterprise": nil,
		"is_enterprise_install": false,
		"user":                  map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": TeamID},
	}
	if kind != "view_closed" { // all others may open a modal
		payload["trigger_id"] = w.newTrigger(user)
	}
	return payload
}
