package journey_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

var digits = regexp.MustCompile(`\b\d{8}\b`)

// TestForgottenPasswordAndInByACode: on a phone, from a page that asks to log
// in, without choosing a password; then a second factor, and in by both.
func TestForgottenPasswordAndInByACode(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 120*time.Second)
	defer cancel()
	mailed := func(not string) string {
		m, err := app.Mail.Wait(ctx, func(m catcher.Message) bool {
			code := digits.FindString(m.Subject)
			return code != "" && code != not
		})
		if err != nil {
			t.Fatal(err)
		}
		return digits.FindString(m.Subject)
	}

	phone := app.Tab(browser)
	phone.Size(360, 740)
	phone.Open("/jobs")
	phone.At("/login")
	phone.See("Stay signed in for 60 days")
	phone.Axe()
	phone.Fill("Email Address", "lee@demo.test")
	phone.Press("Email me a code")
	phone.See("Enter the code")
	phone.Axe()
	code := mailed("")
	phone.Fill("Code", code[:4]+" "+code[4:])
	phone.Press("Log In")
	phone.At("/jobs")

	// A second factor, right after.
	phone.Open("/details/second-factor")
	phone.Axe()
	phone.Press("Set up")
	phone.See("Scan this with the app on your phone")
	phone.Axe()
	key := strings.ReplaceAll(phone.Read("main code"), " ", "")
	shows := func(steps int) string {
		now := apptest.Value[time.Time](app, `select clock_timestamp()`)
		typed, err := totp.GenerateCode(key, now.Add(time.Duration(steps)*30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		return typed
	}
	phone.Fill("Code", shows(-1))
	phone.Press("Turn on")
	phone.See("These are your recovery codes")
	phone.Axe()
	phone.Press("I have kept them")
	phone.See("10 of 10 left")
	phone.Axe()

	// In by both.
	other := app.Tab(browser)
	other.Size(360, 740)
	app.Exec(`delete from sessions`)
	other.Open("/login/code")
	other.Fill("Email Address", "lee@demo.test")
	other.Press("Email me a code")
	other.See("Enter the code")
	other.Fill("Code", mailed(code))
	other.Press("Log In")
	other.See("Enter the 6 digits that your app shows")
	other.Axe()
	other.Fill("Code", shows(0))
	other.Press("Log In")
	other.At("/")
}
