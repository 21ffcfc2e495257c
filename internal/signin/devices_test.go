package signin_test

import (
	"net/netip"
	"testing"

	"fieldgate/internal/signin"
)

func TestANewDeviceIsToldOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lee, kim := w.guest("lee@old.test", guestPassword), w.guest("kim@taken.test", guestPassword)
	home, away := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("203.0.113.9")
	come := func(who int64, d signin.Device) string {
		t.Helper()
		token, err := w.service.RememberDevice(t.Context(), who, d, "somewhere")
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	token := come(lee, signin.Device{Browser: "Firefox", Address: home})
	steps := []struct {
		name string
		who  int64
		on   signin.Device
		told bool
	}{
		{"the same cookie from elsewhere", lee, signin.Device{Token: token, Browser: "Firefox 2", Address: away}, false},
		{"cookies cleared, same browser and address", lee, signin.Device{Browser: "Firefox 2", Address: away}, false},
		{"another browser at home", lee, signin.Device{Browser: "curl", Address: home}, true},
		{"the same browser from a strange address", lee, signin.Device{Browser: "Firefox", Address: netip.MustParseAddr("192.0.2.1")}, true},
		{"a forged cookie", lee, signin.Device{Token: "x", Browser: "Opera", Address: home}, true},
		{"no browser named", lee, signin.Device{Address: away}, true},
		{"a colleague's first, on the same device", kim, signin.Device{Token: token, Browser: "Firefox", Address: home}, false},
		{"a colleague on another one", kim, signin.Device{Browser: "Opera", Address: away}, true},
	}
	for _, s := range steps {
		w.mails()
		come(s.who, s.on)
		if got := w.mails() != "[]"; got != s.told {
			t.Errorf("%s: told %v", s.name, got)
		}
	}
}
