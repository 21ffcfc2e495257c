package journey_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"fieldgate/web/apptest"
)

// TestFromTheWelcomeMailToTheFirstHome: on a phone, with the rules of a password
// said while it is typed; then the contact changes the phone number, and the
// address to log in with through the link that arrives at the new one.
func TestFromTheWelcomeMailToTheFirstHome(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	const long = "محمد بن عبد الرحمن بن يوسف الأنصاري Wolfeschlegelsteinhausenbergerdorff"
	contact := apptest.Value[int64](app, `insert into contacts (customer_id, name, email, access, jobs_see, jobs_create, quotes_see, quotes_create, equipment_see) values (1, $1, 'noor@example.test', 'invited', 'all', true, 'all', true, 'all') returning id`, long)
	office := app.As("ada")
	office.Submit(office.Get("/office/customers/C-1001/contacts/"+fmt.Sprint(contact)+"/invitation"), "main form", url.Values{"email_notification": {"yes"}})

	phone := app.Tab(browser)
	phone.Size(360, 740)
	phone.Open(mailTo(ctx, t, app, "noor@example.test").Link("/welcome/"))
	phone.See("Save and log in")
	phone.Axe()
	phone.Fill("Password", "northwind air 1")
	phone.See("This is easy to guess")
	phone.Axe()
	phone.Fill("Password", "violet harbour ferry 92")
	phone.See("Hard to guess")
	phone.NotSee("This is easy to guess")
	phone.Press("Save and log in")
	phone.At("/")
	phone.See("What you can do here")
	phone.See("Harbour Dental Group") // whose records these are, on a phone too
	phone.Axe()

	// The phone number.
	phone.Press("My Details")
	phone.At("/details")
	phone.Axe()
	phone.Press("Edit your own details")
	phone.Fill("Mobile", "0491 570 222")
	phone.Press("Save")
	phone.See("Your details are saved.")
	phone.See("0491 570 222")

	// The sign-in address.
	phone.Press("Sign-in address noor@example.test")
	phone.At("/details/sign-in-address")
	phone.Axe()
	phone.Fill("New sign-in address", "noor@new.test")
	phone.Fill("Password", "violet harbour ferry 92")
	phone.Press("Send the link")
	phone.See("A link is on its way to noor@new.test")
	phone.Axe()
	phone.Open(mailTo(ctx, t, app, "noor@new.test").Link("/new-address/"))
	phone.See("From now on you sign in as noor@new.test")
	phone.Axe()
	phone.Press("Use this address")
	phone.See("This address is confirmed")
	phone.Open("/details/devices")
	phone.See("This device")
	phone.Axe()
}
