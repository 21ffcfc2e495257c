package journey_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// TestTheMainJob plays the story that the product exists for, in Chromium, with
// the mails read back over SMTP. Every screen on the way is looked at by axe.
func TestTheMainJob(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	office, customer := app.Tab(browser), app.Tab(browser)
	customer.Size(390, 844) // most customers come with a phone
	photo, logo := pictures(t)

	// Staff sign in, upload the logo and pick the brand colour.
	office.Open("/office/login")
	office.See("Log In")
	office.Axe()
	office.Fill("Email Address", "ada@demo.test")
	office.Fill("Password", apptest.Password)
	office.Press("Log In")
	office.See("Administration")
	office.Axe()
	office.Open("/office/admin/company")
	office.See("Company Details")
	office.Axe()
	office.Attach(`input[type=file][name=logo]`, logo)
	office.Fill("Brand colour", "#b3261e")
	office.Fill("Trading name", "Northwind Air Conditioning")
	office.Press("Save")
	office.See("Saved.")
	office.See("Remove the logo")

	// They set who is notified and what is hidden.
	office.Open("/office/admin/portal")
	office.See("Visibility Settings")
	office.Axe()
	office.Tick("Hide Tasks", false)
	office.Fill("Global Notification List", "desk@northwind.test\nboss@northwind.test")
	office.Press("Save")
	office.See("The settings apply from now on")

	// They give a new contact access.
	office.Open("/office/customers")
	office.See("Harbour Dental")
	office.Axe()
	office.Press("Harbour Dental")
	office.At("/office/customers/C-1001")
	office.Axe()
	office.Open("/office/customers/C-1001/contacts")
	office.See("Lee Nakamura")
	office.Axe()
	office.Press("+New contact")
	office.At("/office/customers/C-1001/contacts/new")
	office.See("Contact Name")
	office.Axe()
	office.Fill("Contact Name", "Noor Haddad")
	office.Fill("Email Address", "noor@example.test")
	office.Tick("Give portal access", true)
	office.Tick("Full access", true)
	office.Press("Save")
	office.See("Invited")

	// The welcome email arrives, and its link lets the contact in.
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	welcome := mailTo(ctx, t, app, "noor@example.test")
	if !strings.Contains(welcome.Subject, "Northwind Air Conditioning") {
		t.Errorf("the welcome email's subject is %q", welcome.Subject)
	}
	mailTo(ctx, t, app, "people@northwind.test") // Contact Notifications
	customer.Open(welcome.Link("/welcome/"))
	customer.See("Noor")
	customer.Axe()
	customer.Fill("Password", "violet harbour ferry 92")
	customer.Press("Save and log in")
	customer.See("Harbour Dental")
	for _, area := range []string{"My Details", "Quotes", "Jobs", "Equipment"} {
		customer.See(area)
	}
	customer.Axe()

	// They look at jobs and details.
	customer.Open("/jobs")
	customer.See("Rooftop unit service")
	customer.Axe()
	customer.Press("Rooftop unit service")
	customer.At("/jobs/J-1001")
	for _, words := range []string{"Date Booked", "Time Logged", "Booked", "Check belts"} {
		customer.See(words)
	}
	customer.NotSee("OFFICE-ONLY")
	customer.NotSee("INV-77")
	customer.Axe()
	customer.Open("/jobs/J-1002")
	customer.See("Work Undertaken")
	customer.See("Replaced the capacitor")
	customer.Open("/details")
	customer.See("Harbour Dental Group")
	customer.Axe()
	customer.Open("/equipment")
	customer.See("Rooftop unit 2")
	customer.Axe()
	customer.Press("Rooftop unit 2")
	customer.See("UATYQ350")
	customer.Axe()

	// They ask for a quote and for a job, with a photo.
	customer.Open("/quotes/new")
	customer.See("Price Estimate")
	customer.Axe()
	customer.Fill("Description", "A second split system for the waiting room")
	customer.Fill("Price Estimate", "3500")
	customer.Fill("Site", "No particular site")
	customer.Attach(`input[type=file][name=files]`, photo)
	customer.Press("Save")
	customer.See("Requested")
	customer.Axe()
	quote := filepath.Base(customer.Path())
	mailTo(ctx, t, app, "quotes@northwind.test")

	customer.Open("/jobs/new")
	customer.See("Job type")
	customer.Axe()
	customer.Fill("Job type", "Breakdown")
	customer.Fill("Description", "Water drips from the ceiling unit in reception")
	customer.Fill("Site", "No particular site")
	customer.Attach(`input[type=file][name=files]`, photo)
	customer.Press("Save")
	customer.See("Water drips")
	customer.See("New")
	job := filepath.Base(customer.Path())
	for _, address := range []string{"urgent@northwind.test", "desk@northwind.test", "boss@northwind.test"} {
		mailTo(ctx, t, app, address)
	}

	// Staff see both, marked as coming from the portal, and price the quote.
	office.Open("/office")
	office.See("portal")
	office.Open("/office/jobs")
	office.See("Water drips")
	office.Axe()
	office.Open("/office/jobs/" + job)
	office.See("Noor Haddad")
	office.Axe()
	office.Open("/office/quotes")
	office.See("second split system")
	office.Axe()
	office.Open("/office/quotes/" + quote)
	office.See("3,500")
	office.Axe()
	office.Open("/office/quotes/" + quote + "/edit")
	office.See("Unit price")
	office.Axe()
	office.Set("line-0-description", "Split system 2.5 kW, supplied and installed")
	office.Set("line-0-quantity", "1")
	office.Set("line-0-price", "2890.00")
	office.Press("Save")
	office.See("3,179.00")
	office.Press("Send to customer")
	office.See("Noor Haddad gets an email")
	office.Axe()
	office.Press("Send to customer")
	office.See("Sent")
	if _, err := app.Mail.Wait(ctx, func(m catcher.Message) bool { return m.IsTo("noor@example.test") && strings.Contains(m.Text, quote) }); err != nil {
		t.Errorf("no mail about the priced quote: %v", err)
	}
	customer.Open("/quotes/" + quote)
	customer.See("3,179.00")
	customer.See("Split system 2.5 kW")
	customer.Axe()
	customer.Open("/quotes")
	customer.See("Sent")
	customer.Axe()

	// A photo of the office starts hidden; shared, the customer sees it.
	office.Open("/office/jobs/" + job + "/attachments")
	office.See("Customer View")
	office.Axe()
	report := filepath.Join(t.TempDir(), "Report of the visit.jpg")
	copyFile(t, photo, report)
	office.Attach(`input[type=file][name=files]`, report)
	office.See("1 file added.") // choosing files sends them
	customer.Open("/jobs/" + job)
	customer.See("Water drips")
	customer.NotSee("Report of the visit")
	office.Open("/office/jobs/" + job + "/attachments")
	office.Tick("Report of the visit.jpg", true)
	office.Press("Viewable in Customer Portal")
	office.See("Report of the visit.jpg")
	customer.Open("/jobs/" + job)
	customer.See("Photos")
	customer.Axe()
	customer.SeeImage("Report of the visit")

	// Suspended, the open session ends with the next request.
	office.Open("/office/customers/C-1001/contacts")
	office.Press("Noor Haddad")
	office.Press("Suspend")
	office.See("even where they are signed in now")
	office.Press("Suspend")
	office.See("Suspended")
	customer.Open("/jobs")
	customer.At("/login")
}

func mailTo(ctx context.Context, t *testing.T, app *apptest.App, address string) catcher.Message {
	t.Helper()
	m, err := app.Mail.WaitTo(ctx, address)
	if err != nil {
		var got []string
		for _, m := range app.Mail.Messages() {
			got = append(got, m.Subject)
		}
		t.Fatalf("no mail to %s: %v; received: %q", address, err, got)
	}
	return m
}

// pictures are a photo and a logo, as somebody's phone and designer make them.
func pictures(t *testing.T) (photo, logo string) {
	t.Helper()
	dir := t.TempDir()
	draw := func(w, h int) image.Image {
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				m.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x * y / 64), 255})
			}
		}
		return m
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, draw(800, 600), nil); err != nil {
		t.Fatal(err)
	}
	photo = filepath.Join(dir, "Ceiling.jpg")
	write(t, photo, b.Bytes())
	b.Reset()
	if err := png.Encode(&b, draw(300, 80)); err != nil {
		t.Fatal(err)
	}
	logo = filepath.Join(dir, "logo.png")
	write(t, logo, b.Bytes())
	return photo, logo
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, b)
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
