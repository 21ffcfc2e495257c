// Package importingtest makes workbooks and files in the manner of the programs
// that businesses come from. The people in them are made up.
package importingtest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// Sheet is a sheet to make: heads and rows, cells set apart by "|".
type Sheet struct {
	Name  string
	Lines []string
}

// Workbook is an Excel workbook of some sheets.
func Workbook(t testing.TB, sheets ...Sheet) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	for i, s := range sheets {
		if i == 0 {
			check(t, f.SetSheetName("Sheet1", s.Name))
		} else if _, err := f.NewSheet(s.Name); err != nil {
			t.Fatal(err)
		}
		w, err := f.NewStreamWriter(s.Name)
		check(t, err)
		for j, l := range s.Lines {
			var cells []any
			for _, c := range strings.Split(l, "|") {
				cells = append(cells, c)
			}
			check(t, w.SetRow(fmt.Sprintf("A%d", j+1), cells))
		}
		check(t, w.Flush())
	}
	var out bytes.Buffer
	check(t, f.Write(&out))
	return out.Bytes()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// CSV is a CSV file.
func CSV(t testing.TB, lines ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for _, l := range lines {
		check(t, w.Write(strings.Split(l, "|")))
	}
	w.Flush()
	check(t, w.Error())
	return out.Bytes()
}

// AscoraCustomers is the customer and site workbook: 3 customers, 3 sites of
// them, 4 contacts, 3 pieces of equipment.
func AscoraCustomers(t testing.TB) []byte {
	t.Helper()
	return Workbook(t,
		Sheet{"Customers", []string{
			"Customer Name|Address Line 1|Address Line 2|Company Name|Billing Customer|Suburb|State|Postcode|Country|Contact First Name|Contact Last Name|Phone|Mobile|Email Address|ABN|Notes",
			"Tidewater Dental|5 Wharf Rd|||| Fremantle|WA|6160|Australia|Lena|Marsh|08 5550 1201|0491 570 156|lena@tidewater.example|12 345 678 901|Pays on time",
			"Tidewater Dental Cottesloe|12 Marine Pde|Level 2||Tidewater Dental|Cottesloe|WA|6011|Australia||||||| ",
			"Tidewater Dental Subiaco|88 Rokeby Rd|||Tidewater Dental|Subiaco|WA|6008|Australia|||||||",
			"Quokka Cafe|1 Jetty Ln||Quokka Hospitality Pty Ltd||Rottnest Island|WA|6161|Australia|||08 5550 1330||hello@quokka.example||",
			"Swan Valley Winery|900 Great Northern Hwy|||| Upper Swan|WA|6069|Australia|||08 5550 1440||office@swanvalley.example||",
			"Cellar Door|902 Great Northern Hwy|||Swan Valley Winery|Upper Swan|WA|6069|Australia|||||||",
		}},
		Sheet{"Contacts", []string{
			"Customer Name|First Name|Last Name|Position|Phone|Mobile|Email Address",
			"Tidewater Dental|Priya|Nair|Practice Manager|08 5550 1202||priya@tidewater.example",
			"Quokka Cafe|Tom|Birch|Owner||0491 570 157|tom@quokka.example",
			"Swan Valley Winery|Ana|Lopes|Facilities|||ana@swanvalley.example",
		}},
		Sheet{"Equipment", []string{
			"Customer Name|Equipment Name|Type|Make|Model|Serial Number|Location|Install Date|Warranty Expiry|Notes",
			"Tidewater Dental|Surgery 1 split|Split system|Daikin|FTXM50|D-10001|Surgery 1|14/03/2022|14/03/2027|",
			"Tidewater Dental Cottesloe|Reception split|Split system|Daikin|FTXM25|D-10002|Reception|02/04/2023||",
			"Quokka Cafe|Cool room|Refrigeration|Bitzer|LH84|B-777|Kitchen|||Noisy in summer",
		}},
	)
}

const ascoraWork = "NAME|IS SECTION/STAGE|STATUS|DATE CREATED|%sSITE CUSTOMER|SITE CONTACT|BILLING CUSTOMER|BILLING CONTACT|ADDRESS LINE 1|ADDRESS LINE 2|SUBURB|STATE|POSTCODE|PRICING METHOD|TOTAL AMOUNT EX TAX|TOTAL TAX|DESCRIPTION|PURCHASE ORDER|CLIENT ORDER NUMBER|JOB TYPE|ASSIGNED TO"

// AscoraJobs is the job workbook: 5 jobs and a stage of one, which is left out.
func AscoraJobs(t testing.TB) []byte {
	t.Helper()
	return Workbook(t, Sheet{"Jobs", []string{
		"JOB NUMBER|" + fmt.Sprintf(ascoraWork, "QUOTE NUMBER|") + "|BOOKING DATE",
		"J5001|Annual service|No|Completed|03/02/2026||Tidewater Dental|Lena Marsh|Tidewater Dental||5 Wharf Rd||Fremantle|WA|6160|Time and materials|450.00|45.00|Service of all split systems|PO-88||Maintenance||13/02/2026 09:00",
		"J5002|Leaking indoor unit|No|Scheduled|21/02/2026||Tidewater Dental Cottesloe||Tidewater Dental||12 Marine Pde|Level 2|Cottesloe|WA|6011|Time and materials|0|0|Reception unit drips on the floor|||Repair||28/02/2026 13:30",
		"J5003|Cool room check|No|In Progress|25/02/2026|Q700|Quokka Cafe|Tom Birch|Quokka Cafe||1 Jetty Ln||Rottnest Island|WA|6161|Quoted|1200|120|Cool room does not hold its temperature|||Repair||",
		"J5004|New ducted system|No|Ready to Schedule|26/02/2026||Cellar Door||Swan Valley Winery||902 Great Northern Hwy||Upper Swan|WA|6069|Quoted|9800|980|Ducted system for the cellar door|||Installation||",
		"J5004-1|Stage 1|Yes|Ready to Schedule|26/02/2026||Cellar Door||Swan Valley Winery||||||||||Rough in||||",
		"J5005|Filter clean|No|Cancelled|27/02/2026||Swan Valley Winery||Swan Valley Winery||900 Great Northern Hwy||Upper Swan|WA|6069|Fixed|0|0|Filter clean, called off by the customer|||Maintenance||",
	}})
}

// AscoraQuotes is the quote workbook: 3 quotes.
func AscoraQuotes(t testing.TB) []byte {
	t.Helper()
	return Workbook(t, Sheet{"Quotes", []string{
		"QUOTE NUMBER|" + fmt.Sprintf(ascoraWork, ""),
		"Q700|Cool room repair|No|Accepted|20/02/2026|Quokka Cafe|Tom Birch|Quokka Cafe||1 Jetty Ln||Rottnest Island|WA|6161|Fixed|1200.00|120.00|Replace the compressor relay|||Repair|",
		"Q701|Second cool room|No|Sent|22/02/2026|Quokka Cafe|Tom Birch|Quokka Cafe||1 Jetty Ln||Rottnest Island|WA|6161|Fixed|15,400.00|1,540.00|A second cool room of 4 by 3 m|||Installation|",
		"Q702|Ducted system|No|Draft|26/02/2026|Cellar Door||Swan Valley Winery||902 Great Northern Hwy||Upper Swan|WA|6069|Fixed|9800.00|980.00|Ducted system for the cellar door|||Installation|",
	}})
}

// JobberClients is the export of clients, a line a property: 3 clients, of whom
// one has two properties, so 4 sites, and 3 contacts.
func JobberClients(t testing.TB) []byte {
	t.Helper()
	return CSV(t,
		"J-ID|First Name|Last Name|Display Name|Title|Company Name|Is Company?|E-mails|Main Phone #s|Mobile Phone #s|Billing Street 1|Billing Street 2|Billing City|Billing State|Billing Zip code|Service Property Name|Service Street 1|Service Street 2|Service City|Service State|Service Zip code|Service Country|Lead Source|Archived",
		"101_1|Grace|Okafor|Okafor Realty|Ms.|Okafor Realty|true|grace@okafor.example|(555) 010-2201||40 Main St||Tulsa|OK|74103|Head office|40 Main St||Tulsa|OK|74103|United States|Referral|false",
		"101_2|Grace|Okafor|Okafor Realty|Ms.|Okafor Realty|true|grace@okafor.example|(555) 010-2201||40 Main St||Tulsa|OK|74103|Elm Street flats|7 Elm St||Tulsa|OK|74104|United States|Referral|false",
		"102_3|Peter|Lund|Peter Lund||||peter@lund.example|(555) 010-2202|(555) 010-2203|9 Oak Ave||Broken Arrow|OK|74012||9 Oak Ave||Broken Arrow|OK|74012|United States||false",
		"103_4|Mina|Sato|Mina Sato||||mina@sato.example|||3 Pine Ct||Jenks|OK|74037||3 Pine Ct||Jenks|OK|74037|United States||true",
	)
}

// JobberJobs is the export of jobs: 3 of them, dates with the month first.
func JobberJobs(t testing.TB) []byte {
	t.Helper()
	return CSV(t,
		"Job #|Client name|Client email|Client phone|Service street|Service city|Title|Line items|Created date|Scheduled start date|Closed date|Visits assigned to|Quote #|Status|Total ($)",
		"12|Okafor Realty|grace@okafor.example||7 Elm St|Tulsa|Gutter clean|Gutter clean of flats 1 to 4|02/13/2026|02/20/2026|02/20/2026|||Archived|450.00",
		"13|Peter Lund|peter@lund.example||9 Oak Ave|Broken Arrow|Furnace tune-up|Furnace tune-up|02/14/2026|03/01/2026|||11|Upcoming|180.00",
		"14|Okafor Realty|grace@okafor.example||40 Main St|Tulsa|Roof leak|Find and stop the leak|02/15/2026|||||Unscheduled|0.00",
	)
}

// JobberQuotes is the export of quotes: 2 of them.
func JobberQuotes(t testing.TB) []byte {
	t.Helper()
	return CSV(t,
		"Quote #|Client name|Client email|Title|Status|Line items|Drafted date|Sent date|Approved date|Salesperson|Subtotal ($)|Total ($)",
		"11|Peter Lund|peter@lund.example|Furnace tune-up|Converted|Furnace tune-up|02/10/2026|02/11/2026|02/13/2026||180.00|195.30",
		"15|Okafor Realty|grace@okafor.example|Roof repair|Draft|New flashing|02/16/2026||||2,400.00|2,604.00",
	)
}

// SimproCustomers is the import template of customers, filled: 3 of them, each
// with a contact but one.
func SimproCustomers(t testing.TB) []byte {
	t.Helper()
	return CSV(t,
		"Customer ID|Company Name|Title|Given Name|Family Name|Phone|Alt Phone|Email|Street Address|Suburb|State|Postcode|Country|Mailing Address|Mailing Suburb|Mailing State|Mailing Postcode|Customer Type|Payment Terms",
		"4001|Ironbark Storage|Mr|Dale|Webb|07 5550 3301|0491 570 110|accounts@ironbark.example|18 Depot St|Rocklea|QLD|4106|Australia|PO Box 9|Rocklea|QLD|4106|Commercial|30 days",
		"4002||Ms|Yasmin|Haddad|07 5550 3302||yasmin@haddad.example|4 Creek St|Annerley|QLD|4103|Australia|||||Residential|COD",
		"4003|Brigalow Council|||||07 5550 3303|rates@brigalow.example|1 Civic Sq|Brigalow|QLD|4412|Australia|||||Government|30 days",
	)
}

// SimproSites is the template of sites: 3 of them.
func SimproSites(t testing.TB) []byte {
	t.Helper()
	return CSV(t,
		"Site ID|Site Name|Customer Name|Street Address|Suburb|State|Postcode|Country|Site Contact|Private Notes",
		"7001|Rocklea depot|Ironbark Storage|18 Depot St|Rocklea|QLD|4106|Australia|Dale Webb|Gate code 4711",
		"7002|Archerfield depot|Ironbark Storage|2 Boundary Rd|Archerfield|QLD|4108|Australia||",
		"7003|Library|Brigalow Council|3 Civic Sq|Brigalow|QLD|4412|Australia|Front desk|",
	)
}

// SimproContacts is the template of contacts: 2 of them.
func SimproContacts(t testing.TB) []byte {
	t.Helper()
	return CSV(t,
		"Contact ID|Title|Given Name|Family Name|Company Name|Position|Work Phone|Cell Phone|Email|Notes",
		"9001|Ms|Ruth|Bell|Ironbark Storage|Site Manager|07 5550 3311|0491 570 111|ruth@ironbark.example|",
		"9002|Mr|Owen|Park|Brigalow Council|Facilities|07 5550 3312||owen@brigalow.example|Mornings only",
	)
}

// SimproAssets is the template of assets: 2 of them.
func SimproAssets(t testing.TB) []byte {
	t.Helper()
	return CSV(t,
		"Asset ID|Asset Type|Customer Name|Site Name|Make|Model|Serial Number|Location|Start Date",
		"5001|Fire extinguisher|Ironbark Storage|Rocklea depot|Chubb|4.5kg ABE|X-1|Aisle 3|13/05/2021",
		"5002|Air conditioner|Brigalow Council|Library|Carrier|42KTX|X-2|Reading room|01/02/2020",
	)
}
