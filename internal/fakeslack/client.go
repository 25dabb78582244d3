package fakeslack

import "slices"

// Client is what one person's Slack client holds at one moment. It is a copy: nothing in it changes any more.
type Client struct {
	Workspace, Command, AppName string

	Me       User
	Users    []User               // all, with bots and those who left
	Channels []Channel            // without the direct messages of others
	Messages map[string][]Message // by channel, oldest first, without what only others see
	Modals   []View               // the open one last
	Home     *View                // nil before the app has published one

	Serial int64 // of the newest event
	// Events are the kept ones that concern this person, oldest first.
	Events []Event
	// EventsSince is the serial after which no event is missing from Events.
	EventsSince int64
	// Changed is closed at the next change of the workspace.
	Changed <-chan struct{}
}

// Users returns everybody, with bots and those who left.
func (w *Workspace) Users() []User {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.users)
}

// ClientOf returns what the user's client holds now, and opens the user's direct messages with the bot, as a client
// does. It reports false for somebody who has no client, and when the workspace is closed.
func (w *Workspace) ClientOf(user string) (Client, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	me, known := w.userByID(user)
	if !known || me.Bot || me.Deleted || w.closed {
		return Client{}, false
	}
	w.directChannel(me.ID)
	c := Client{
		Workspace: w.opts.Name, Command: w.opts.Command, AppName: w.opts.AppName,
		Me: me, Users: slices.Clone(w.users), Messages: map[string][]Message{}, Serial: w.serial, Changed: w.changed,
	}
	for _, channel := range w.channels {
		if channel.User != "" && channel.User != me.ID {
			continue
		}
		c.Channels = append(c.Channels, *channel)
		for _, m := range w.messages[channel.ID] {
			if m.OnlyFor == "" || m.OnlyFor == me.ID {
				c.Messages[channel.ID] = append(c.Messages[channel.ID], *m)
			}
		}
	}
	for _, v := range w.modals[me.ID] {
		c.Modals = append(c.Modals, *v)
	}
	if home := w.homes[me.ID]; home != nil {
		copied := *home
		c.Home = &copied
	}
	if len(w.events) >= KeptEvents {
		c.EventsSince = w.events[0].Serial - 1
	}
	for _, e := range w.events {
		if (e.User == "" || e.User == me.ID) && c.inReach(e) {
			c.Events = append(c.Events, e)
		}
	}
	return c, true
}

// inReach reports whether an event is of a channel that the client has, or of none.
func (c Client) inReach(e Event) bool {
	return e.Channel == "" || slices.ContainsFunc(c.Channels,
		func(channel Channel) bool { return channel.ID == e.Channel })
}

// UserByID finds anybody.
func (c Client) UserByID(id string) (User, bool) {
	i := slices.IndexFunc(c.Users, func(u User) bool { return u.ID == id })
	if i < 0 {
		return User{}, false
	}
	return c.Users[i], true
}

// ChannelByID finds a channel that the person may look into.
func (c Client) ChannelByID(id string) (Channel, bool) {
	i := slices.IndexFunc(c.Channels, func(channel Channel) bool { return channel.ID == id })
	if i < 0 {
		return Channel{}, false
	}
	return c.Channels[i], true
}

// FindMessage returns the message of a channel with that ts.
func (c Client) FindMessage(channel, ts string) (Message, bool) {
	messages := c.Messages[channel]
	i := slices.IndexFunc(messages, func(m Message) bool { return m.TS == ts })
	if i < 0 {
		return Message{}, false
	}
	return messages[i], true
}
