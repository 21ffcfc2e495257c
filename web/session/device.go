package session

import (
	"net/http"

	"fieldgate/internal/signin"
)

// deviceCookie tells one browser from another for as long as browsers keep a
// cookie. It lets nobody in.
const deviceCookie = "fieldgate_device"

// deviceLife is the longest that browsers keep a cookie: 400 days, in seconds.
const deviceLife = 400 * 24 * 60 * 60

// Device is the browser that the request comes from.
func Device(r *http.Request) signin.Device {
	// Known by its older name, too: it lets nobody in, and forgetting it would
	// tell everybody of a new device.
	return signin.Device{Browser: browser(r.UserAgent()), Address: addressOf(r), Token: either(r, deviceCookie)}
}

// KeepDevice lets the browser be known again.
func (m *Manager) KeepDevice(w http.ResponseWriter, token string) {
	m.cookie.set(w, deviceCookie, token, deviceLife)
}
