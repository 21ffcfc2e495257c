package journey_test

import (
	"testing"

	"fieldgate/web/apptest"
)

// TestAPasskeyFromTheOfferToItsEnd: offered after the first sign-in, added, named,
// used with one press, and removed; on a phone and in the office.
func TestAPasskeyFromTheOfferToItsEnd(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.NewLocal(t)
	for _, v := range []struct {
		login, email, home, greeting string
		width                        int64
	}{
		{"/login", "lee@demo.test", "/", "Welcome, Lee Nakamura", 360},
		{"/office/login", "ada@demo.test", "/office", "Needs attention", 1280},
	} {
		tab := app.Tab(browser)
		tab.Size(v.width, 800)
		tab.Passkeys()
		enter(tab, v.login, v.email, v.greeting)
		tab.See("Sign in with one press next time")
		tab.Axe()
		tab.Press("Add a passkey")
		tab.See("You have no passkey yet")
		tab.NotSee("This browser cannot add a passkey here.")
		tab.Axe()
		tab.Press("Add a passkey")
		tab.See("Your passkey is added.")
		tab.Press("Rename")
		tab.Fill("Name", "Lee’s phone")
		tab.Press("Save")
		tab.See("Lee’s phone")
		tab.See("Not used yet")
		tab.Axe()

		tab.SignOut()
		tab.At(v.login)
		tab.See("Sign in with a passkey")
		tab.Axe()
		tab.Press("Sign in with a passkey")
		tab.See(v.greeting)
		tab.At(v.home)
		tab.NotSee("Sign in with one press next time")

		// A browser that fills in the address offers the passkey there.
		tab.SignOut()
		tab.At(v.login)
		tab.See("Sign in with a passkey")
		tab.Focus("input[name=email]")
		tab.See(v.greeting)

		tab.Open(map[string]string{"/": "/details/passkeys", "/office": "/office/account/passkeys"}[v.home])
		tab.See("Last used: ")
		tab.Press("Remove Lee’s phone")
		tab.See("You have no passkey yet")
	}
}
