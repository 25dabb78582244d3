package handlers

import (
	"context"

	"easbot/handlers/view"
)

// listDevices answers "/eas devices": one's own phones and the state that Exchange stored for each.
func (h *Handlers) listDevices(ctx context.Context, c call) (view.Message, error) {
	report, err := h.ownReport(ctx, c.User, "")
	if err != nil {
		return view.Message{}, err
	}
	return view.DeviceList(c.language, report), nil
}
