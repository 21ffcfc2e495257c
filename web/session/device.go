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
	d := signin.Device{Browser: browser(r.UserAgent()), Address: addressOf(r)}
	if c, err := r.Cookie(deviceCookie); err == nil {
		d.Token = c.Value
	}
	return d
}

// KeepDevice lets the browser be known again.
func (m *Manager) KeepDevice(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure follows the portal: a server without HTTPS is for trying out
		Name: deviceCookie, Value: token, Path: m.portal.Cookie.Path, MaxAge: deviceLife,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: m.portal.Cookie.Secure,
	})
}
