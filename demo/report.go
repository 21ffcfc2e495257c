package demo

import (
	"bytes"
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

// report is the service report of a job that was done, as the business wrote
// them before it had this program.
func (b *business) report(j *job) ([]byte, error) {
	c, at := b.customers[j.customer-1], b.sites[j.site-1]
	var who []string
	for _, id := range j.assigned {
		who = append(who, b.staff[id-1].Name)
	}
	technicians := strings.Join(who, ", ")

	doc := fpdf.New("P", "pt", "A4", "")
	doc.SetCreationDate(*j.completed) // the same bytes each time
	doc.SetModificationDate(*j.completed)
	doc.SetCatalogSort(true)
	encoded := doc.UnicodeTranslatorFromDescriptor("")
	doc.SetMargins(56, 56, 56)
	doc.AddPage()
	text := func(style string, size float64, shade int, indent float64, words string) {
		doc.SetFont("Helvetica", style, size)
		doc.SetTextColor(shade, shade, shade)
		doc.SetX(56 + indent)
		doc.MultiCell(0, size*1.5, encoded(words), "", "L", false)
	}
	pair := func(label, value string) {
		y := doc.GetY()
		text("", 10, 100, 0, label)
		doc.SetY(y)
		text("", 10, 25, 96, value)
	}
	heading := func(words string) {
		doc.Ln(14)
		text("B", 12, 25, 0, words)
		doc.SetDrawColor(204, 204, 204)
		doc.Line(56, doc.GetY(), 539, doc.GetY())
		doc.Ln(6)
	}

	doc.SetFillColor(15, 92, 140)
	doc.Rect(0, 0, 596, 84, "F")
	doc.SetY(34)
	text("B", 22, 255, 0, "Service report")
	doc.SetY(42)
	text("", 10, 255, 310, tradingName+"   "+phone)
	doc.SetY(110)
	pair("Job", j.number+"   "+j.name)
	pair("Customer", c.Name)
	pair("Site", at.name+", "+at.address.String())
	pair("Completed", j.completed.In(b.zone).Format("Monday 2 January 2006, 3:04 pm"))
	pair("Technician", technicians)
	heading("Work undertaken")
	text("", 10, 25, 0, j.work)
	if len(j.equipment) > 0 {
		heading("Equipment")
	}
	for _, e := range j.equipment {
		text("", 10, 25, 0, e.number+"   "+e.name+"   "+e.model.Make+" "+e.model.Code+"   serial "+e.serial)
	}
	heading("Readings")
	for _, r := range [][3]string{{"Supply air", "supply", " °C"}, {"Return air", "return", " °C"}, {"Suction", "suction", " kPa"}, {"Discharge", "discharge", " kPa"}, {"Running current", "amps", " A"}} {
		pair(r[0], j.values[r[1]]+r[2])
	}
	heading("Signed")
	text("", 10, 25, 0, "Technician: "+technicians+"        For the customer: "+b.contacts[j.contact-1].name)
	var out bytes.Buffer
	err := doc.Output(&out)
	return out.Bytes(), err
}
