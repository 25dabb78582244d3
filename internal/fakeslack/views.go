package fakeslack

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"easbot/internal/fakeslack/blockkit"
)

// Slack's limits for triggers and modals.
const (
	triggerLife = 3 * time.Second
	modalStack  = 3
)

// trigger is the right to open one modal for a person who has just done something.
type trigger struct {
	user string
	made time.Time
	used bool
}

// View is a modal or a Home tab as its person sees it.
type View struct {
	ID              string
	Hash            string
	Type            string // modal or home
	CallbackID      string
	ExternalID      string
	PrivateMetadata string
	User            string
	JSON            json.RawMessage // as the app sent it
	RootID          string
	PreviousID      string
	Errors          map[string]string // by block id, from the last submission
	notifyOnClose   bool
}

// Views returns the user's Home tab, if published, and then the open modals, the top one last.
func (w *Workspace) Views(user string) []View {
	w.mu.Lock()
	defer w.mu.Unlock()
	var views []View
	if home := w.homes[user]; home != nil {
		views = append(views, *home)
	}
	for _, v := range w.modals[user] {
		views = append(views, *v)
	}
	return views
}

// newTrigger makes a trigger id. The caller holds the lock.
func (w *Workspace) newTrigger(user string) string {
	now := w.opts.Now()
	maps.DeleteFunc(w.triggers, func(_ string, t *trigger) bool { return now.Sub(t.made) > time.Hour })
	id := w.newID("12.34.")
	w.triggers[id] = &trigger{user: user, made: now}
	return id
}

// useTrigger uses a trigger id up. The caller holds the lock.
func (w *Workspace) useTrigger(id string) (user string, err error) {
	t := w.triggers[id]
	switch {
	case t == nil:
		return "", refuseWith("invalid_trigger_id")
	case t.used:
		return "", refuseWith("exchanged_trigger_id")
	case w.opts.Now().Sub(t.made) > triggerLife:
		return "", refuseWith("expired_trigger_id")
	}
	t.used = true
	return t.user, nil
}

// readView judges the view that an app sent and takes its fields.
func readView(raw json.RawMessage, kind string) (*View, error) {
	if err := blockkit.CheckView(raw); err != nil {
		return nil, apiErrorOf(err)
	}
	var head struct {
		Type            string `json:"type"`
		CallbackID      string `json:"callback_id"`
		ExternalID      string `json:"external_id"`
		PrivateMetadata string `json:"private_metadata"`
		NotifyOnClose   bool   `json:"notify_on_close"`
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.Type != kind {
		return nil, &apiError{code: "invalid_arguments",
			messages: []string{"[ERROR] must be a " + kind + " [json-pointer:/view/type]"}}
	}
	return &View{Type: kind, CallbackID: head.CallbackID, ExternalID: head.ExternalID,
		PrivateMetadata: head.PrivateMetadata,
		JSON:            raw, notifyOnClose: head.NotifyOnClose}, nil
}

// readTriggered takes a new modal and the person whose trigger comes with it. The caller holds the lock.
func (w *Workspace) readTriggered(a args) (v *View, user string, err error) {
	if v, err = readView(a.rawJSON("view"), "modal"); err != nil {
		return nil, "", err
	}
	user, err = w.useTrigger(a["trigger_id"])
	return v, user, err
}

func (w *Workspace) openView(_ *http.Request, a args) (map[string]any, error) {
	v, user, err := w.readTriggered(a)
	if err != nil {
		return nil, err
	}
	w.modals[user] = nil // a modal that is opened anew takes the place of what was open
	w.pushModal(user, v)
	return map[string]any{"view": v.toJSON(nil)}, nil
}

func (w *Workspace) pushView(_ *http.Request, a args) (map[string]any, error) {
	v, user, err := w.readTriggered(a)
	if err != nil {
		return nil, err
	}
	if len(w.modals[user]) >= modalStack {
		return nil, refuseWith("push_limit_reached")
	}
	w.pushModal(user, v)
	return map[string]any{"view": v.toJSON(nil)}, nil
}

// pushModal puts a modal on top. The caller holds the lock.
func (w *Workspace) pushModal(user string, v *View) {
	v.ID, v.Hash, v.User = w.newID("V"), w.newID("h."), user
	v.RootID = v.ID
	if below := w.modals[user]; len(below) > 0 {
		v.RootID, v.PreviousID = below[0].ID, below[len(below)-1].ID
	}
	w.modals[user] = append(w.modals[user], v)
	w.logEvent(Event{Kind: ModalEvent, User: user})
}

func (w *Workspace) updateView(_ *http.Request, a args) (map[string]any, error) {
	var old *View
	for _, stack := range w.modals {
		for _, v := range stack {
			if a["view_id"] == v.ID || a["view_id"] == "" && a["external_id"] != "" &&
				a["external_id"] == v.ExternalID {
				old = v
			}
		}
	}
	if old == nil {
		return nil, refuseWith("not_found")
	}
	if hash := a["hash"]; hash != "" && hash != old.Hash {
		return nil, refuseWith("hash_conflict")
	}
	v, err := readView(a.rawJSON("view"), "modal")
	if err != nil {
		return nil, err
	}
	w.replaceView(old, v)
	return map[string]any{"view": old.toJSON(nil)}, nil
}

// replaceView gives an open modal new content under its old id. The caller holds the lock.
func (w *Workspace) replaceView(old, v *View) {
	v.ID, v.User, v.RootID, v.PreviousID, v.Hash = old.ID, old.User, old.RootID, old.PreviousID, w.newID("h.")
	*old = *v
	w.logEvent(Event{Kind: ModalEvent, User: old.User})
}

func (w *Workspace) publishView(_ *http.Request, a args) (map[string]any, error) {
	user, ok := w.userByID(a["user_id"])
	if !ok {
		return nil, refuseWith("user_not_found")
	}
	old := w.homes[user.ID]
	if hash := a["hash"]; hash != "" && (old == nil || hash != old.Hash) {
		return nil, refuseWith("hash_conflict")
	}
	v, err := readView(a.rawJSON("view"), "home")
	if err != nil {
		return nil, err
	}
	v.ID, v.Hash, v.User = w.newID("V"), w.newID("h."), user.ID
	if old != nil {
		v.ID = old.ID
	}
	v.RootID = v.ID
	w.homes[user.ID] = v
	w.logEvent(Event{Kind: HomeEvent, User: user.ID})
	return map[string]any{"view": v.toJSON(nil)}, nil
}

// openModal finds an open modal. The caller holds the lock.
func (w *Workspace) openModal(user, id string) (*View, error) {
	for _, v := range w.modals[user] {
		if v.ID == id {
			return v, nil
		}
	}
	return nil, fmt.Errorf("view %s is not open", id)
}

// closeView takes a modal, and what lies on it, off the stack. The caller holds the lock.
func (w *Workspace) closeView(v *View) {
	stack := w.modals[v.User]
	if i := slices.Index(stack, v); i >= 0 {
		w.modals[v.User] = stack[:i:i]
		w.logEvent(Event{Kind: ModalEvent, User: v.User})
	}
}

// BlockList returns the view's blocks as the app sent them.
func (v View) BlockList() json.RawMessage {
	var body struct {
		Blocks json.RawMessage `json:"blocks"`
	}
	_ = json.Unmarshal(v.JSON, &body) // it was judged when it came
	return body.Blocks
}

// toJSON is the view object of answers and interactions, with what the person has filled in.
func (v *View) toJSON(values map[string]map[string]any) map[string]any {
	object := map[string]any{}
	_ = json.Unmarshal(v.JSON, &object) // it was judged when it came
	if values == nil {
		values = map[string]map[string]any{}
	}
	object["id"], object["hash"] = v.ID, v.Hash
	object["team_id"], object["app_id"], object["bot_id"] = TeamID, AppID, BotID
	object["root_view_id"], object["app_installed_team_id"] = v.RootID, TeamID
	object["previous_view_id"] = nil
	if v.PreviousID != "" {
		object["previous_view_id"] = v.PreviousID
	}
	object["callback_id"], object["external_id"] = v.CallbackID, v.ExternalID
	object["private_metadata"] = v.PrivateMetadata
	object["state"] = map[string]any{"values": values}
	return object
}
