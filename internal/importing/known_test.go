package importing_test

import (
	"strings"
	"testing"

	"fieldgate/internal/importing"
)

// The tables of the programs that businesses come from are recognised by their
// heads, and each column is what it is meant as.
func TestTablesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, sheet, heads string
		source, table      string
		columns            string // what each column is, "-" for what is not imported
	}{
		{
			"customers and sites of Ascora", "Customers",
			"Customer Name|Address Line 1|Address Line 2|Company Name|Billing Customer|Suburb|State|Postcode|Country|Contact First Name|Contact Last Name|Phone|Mobile|Email Address|ABN|Notes",
			"Ascora", "customers and sites",
			"customers.name|customers.street.line1|customers.street.line2|customers.company_name|sites.customer|customers.street.city|customers.street.region|customers.street.postcode|customers.street.country|contacts.first_name|contacts.last_name|customers.phone|customers.mobile|customers.email|-|customers.notes",
		},
		{
			"contacts of Ascora", "Contacts", "Customer Name|First Name|Last Name|Position|Phone|Mobile|Email Address",
			"Ascora", "contacts", "contacts.customer|contacts.first_name|contacts.last_name|contacts.role|contacts.phone|contacts.mobile|contacts.email",
		},
		{
			"equipment of Ascora", "Equipment", "Customer Name|Equipment Name|Type|Make|Model|Serial Number|Location|Install Date|Warranty Expiry|Last Service Date|Next Service Date|Notes",
			"Ascora", "equipment", "equipment.customer|equipment.name|equipment.type|equipment.make|equipment.model|equipment.serial_number|equipment.location|equipment.installed_on|equipment.warranty_until|equipment.last_service_on|equipment.next_service_on|equipment.notes",
		},
		{
			"equipment of Ascora's template", "Equipment", "Customer Import ID or Name|Equipment Number|Equipment Name|Location|Make|Model Number|Serial Number|Supplier|Equipment Type|Installation Date|Commission Date|Warranty Expiry|Service Period Start|Service Period End|Notes",
			"Ascora", "equipment", "equipment.customer|equipment.number|equipment.name|equipment.location|equipment.make|equipment.model|equipment.serial_number|-|equipment.type|equipment.installed_on|equipment.commissioned_on|equipment.warranty_until|-|-|equipment.notes",
		},
		{
			"jobs of Ascora's template", "Sheet1",
			"JOB NUMBER|JOB NAME|IS SECTION/STAGE|JOB STATUS|QUOTE NUMBER|SITE CUSTOMER|BILLING CUSTOMER|JOB DESCRIPTION|WORK UNDERTAKEN|JOB TYPE|EXPECTED DATE|INVOICE NUMBER|TEAM",
			"Ascora", "jobs", "jobs.number|jobs.name|jobs.skip|jobs.status|jobs.quote|jobs.site|jobs.customer|jobs.description|jobs.work_undertaken|jobs.type|jobs.preferred_on|jobs.invoice_number|-",
		},
		{"supplies of Ascora's jobs", "Supply", "JOB NUMBER|PART NUMBER|DESCRIPTION|QUANTITY|UNIT COST|UNIT PRICE", "Ascora", "supplies", "-|-|-|-|-|-"},
		{"hours of Ascora's jobs", "Labour", "JOB NUMBER|EMPLOYEE|DATE|HOURS|NOTES", "", "", "time.job|time.staff|time.worked_on|time.hours|time.note"},
		{"somebody's own contacts", "Our people", "Customer|First Name|Last Name|Position|Email", "", "", "contacts.customer|contacts.first_name|contacts.last_name|contacts.role|contacts.email"},
		{
			"quotes of Jobber that were made jobs", "quotes", "Quote #|Client name|Title|Status|Drafted date|Job #s|Subtotal ($)|Discount ($)|Total ($)",
			"Jobber", "quotes", "quotes.number|quotes.customer|quotes.name|quotes.status|quotes.created_at|-|quotes.total_ex_tax|quotes.discount|quotes.total_with_tax",
		},
		{"two addresses", "Clients", "Client|Billing Address|Address", "", "", "customers.name|customers.postal.whole|customers.street.whole"},
		{"what something costs is no price", "Quote lines", "Quote number|Item|Qty|Unit cost|Unit price", "", "", "quote-lines.quote|quote-lines.description|quote-lines.quantity|-|quote-lines.unit_price"},
		{
			"jobs of Ascora", "Sheet1",
			"JOB NUMBER|NAME|IS SECTION/STAGE|STATUS|DATE CREATED|QUOTE NUMBER|SITE CUSTOMER|SITE CONTACT|BILLING CUSTOMER|BILLING CONTACT|ADDRESS LINE 1|ADDRESS LINE 2|SUBURB|STATE|POSTCODE|PRICING METHOD|TOTAL AMOUNT EX TAX|TOTAL TAX|DESCRIPTION|PURCHASE ORDER|CLIENT ORDER NUMBER|JOB TYPE|ASSIGNED TO|BOOKING DATE",
			"Ascora", "jobs",
			"jobs.number|jobs.name|jobs.skip|jobs.status|jobs.created_at|jobs.quote|jobs.site|jobs.main_contact|jobs.customer|-|jobs.site_address.line1|jobs.site_address.line2|jobs.site_address.city|jobs.site_address.region|jobs.site_address.postcode|-|-|-|jobs.description|jobs.purchase_order|-|jobs.type|jobs.staff|jobs.booked_from",
		},
		{
			"quotes of Ascora", "Sheet1",
			"QUOTE NUMBER|NAME|IS SECTION/STAGE|STATUS|DATE CREATED|SITE CUSTOMER|SITE CONTACT|BILLING CUSTOMER|BILLING CONTACT|ADDRESS LINE 1|ADDRESS LINE 2|SUBURB|STATE|POSTCODE|PRICING METHOD|TOTAL AMOUNT EX TAX|TOTAL TAX|DESCRIPTION|PURCHASE ORDER|CLIENT ORDER NUMBER|JOB TYPE|ASSIGNED TO",
			"Ascora", "quotes",
			"quotes.number|quotes.name|quotes.skip|quotes.status|quotes.created_at|quotes.site|quotes.main_contact|quotes.customer|-|quotes.site_address.line1|quotes.site_address.line2|quotes.site_address.city|quotes.site_address.region|quotes.site_address.postcode|-|quotes.total_ex_tax|quotes.total_tax|quotes.description|quotes.purchase_order|-|quotes.job_type|quotes.staff",
		},
		{
			"clients of Jobber", "clients",
			"J-ID|First Name|Last Name|Display Name|Title|Company Name|Is Company?|E-mails|Main Phone #s|Mobile Phone #s|Billing Street 1|Billing Street 2|Billing City|Billing State|Billing Zip code|Service Property Name|Service Street 1|Service Street 2|Service City|Service State|Service Zip code|Service Country|Lead Source|Archived",
			"Jobber", "clients and properties",
			"customers.jobber_id|contacts.first_name|contacts.last_name|customers.name|-|customers.company_name|-|contacts.email|contacts.phone|contacts.mobile|customers.street.line1|customers.street.line2|customers.street.city|customers.street.region|customers.street.postcode|sites.name|sites.address.line1|sites.address.line2|sites.address.city|sites.address.region|sites.address.postcode|sites.address.country|customers.notes|customers.archived",
		},
		{
			"properties of Jobber", "properties", "Client name|Client email|Client phone|Street|Street 2|City|State/Province|ZIP/Postal code|Country",
			"Jobber", "properties", "sites.customer|-|-|sites.address.line1|sites.address.line2|sites.address.city|sites.address.region|sites.address.postcode|sites.address.country",
		},
		{
			"jobs of Jobber", "jobs", "Job #|Client name|Client email|Client phone|Service street|Service city|Title|Line items|Created date|Scheduled start date|Closed date|Visits assigned to|Quote #|Status|Total ($)",
			"Jobber", "jobs", "jobs.number|jobs.customer|jobs.main_contact_email|-|jobs.site_address.line1|jobs.site_address.city|jobs.name|jobs.description|jobs.created_at|jobs.booked_from|jobs.completed_at|jobs.staff|jobs.quote|jobs.status|-",
		},
		{
			"quotes of Jobber", "quotes", "Quote #|Client name|Client email|Title|Status|Line items|Drafted date|Sent date|Approved date|Salesperson|Subtotal ($)|Total ($)",
			"Jobber", "quotes", "quotes.number|quotes.customer|quotes.main_contact_email|quotes.name|quotes.status|quotes.description|quotes.created_at|quotes.sent_at|quotes.accepted_at|quotes.staff|quotes.total_ex_tax|quotes.total_with_tax",
		},
		{
			"customers of simPRO", "customers", "Customer ID|Company Name|Title|Given Name|Family Name|Phone|Alt Phone|Email|Street Address|Suburb|State|Postcode|Country|Mailing Address|Mailing Suburb|Customer Type|Payment Terms",
			"simPRO", "customers", "customers.external_id|customers.company_name|-|contacts.first_name|contacts.last_name|customers.phone|customers.mobile|customers.email|customers.street.line1|customers.street.city|customers.street.region|customers.street.postcode|customers.street.country|customers.postal.whole|customers.postal.city|customers.customer_type|customers.payment_terms",
		},
		{
			"sites of simPRO", "sites", "Site ID|Site Name|Customer Name|Street Address|Suburb|State|Postcode|Country|Site Contact|Private Notes",
			"simPRO", "sites", "sites.external_id|sites.name|sites.customer|sites.address.line1|sites.address.city|sites.address.region|sites.address.postcode|sites.address.country|sites.site_contact|sites.access_instructions",
		},
		{
			"contacts of simPRO", "contacts", "Contact ID|Title|Given Name|Family Name|Company Name|Position|Work Phone|Cell Phone|Email|Notes",
			"simPRO", "contacts", "contacts.external_id|-|contacts.first_name|contacts.last_name|contacts.customer|contacts.role|contacts.phone|contacts.mobile|contacts.email|contacts.notes",
		},
		{
			"assets of simPRO", "assets", "Asset ID|Asset Type|Customer Name|Site Name|Make|Model|Serial Number|Location|Start Date",
			"simPRO", "assets", "equipment.external_id|equipment.type|equipment.customer|equipment.site|equipment.make|equipment.model|equipment.serial_number|equipment.location|equipment.commissioned_on",
		},
		{
			"customers of simPRO with all their telephones", "customers", "Customer ID|Company Name|Given Name|Family Name|Phone|Alt Phone|Cell Phone|Email",
			"simPRO", "customers", "customers.external_id|customers.company_name|contacts.first_name|contacts.last_name|customers.phone|-|customers.mobile|customers.email",
		},
		{
			"contacts of simPRO with department and position", "contacts", "Contact ID|Given Name|Family Name|Department|Position|Company Name",
			"simPRO", "contacts", "contacts.external_id|contacts.first_name|contacts.last_name|-|contacts.role|contacts.customer",
		},
		{
			"clients of ServiceM8", "clients", "Name|Address|Billing Address|Address Street|Address City|Address State|Address Postcode|Address Country|First Name|Last Name|Email|Phone|Mobile|ABN Number|Is Individual|Payment Terms|Active",
			"ServiceM8", "clients", "customers.name|customers.street.whole|customers.postal.whole|customers.street.line1|customers.street.city|customers.street.region|customers.street.postcode|customers.street.country|contacts.first_name|contacts.last_name|customers.email|customers.phone|customers.mobile|-|-|customers.payment_terms|customers.archived",
		},
		{
			"jobs of ServiceM8", "jobs", "Job Number|Client|Job Address|Billing Address|Status|Category|Date|Quote Date|Work Order Date|Completion Date|Description|Work Done Description|Purchase Order Number|Job Contact Email",
			"ServiceM8", "jobs", "jobs.number|jobs.customer|jobs.site_address.whole|-|jobs.status|jobs.type|jobs.created_at|-|-|jobs.completed_at|jobs.description|jobs.work_undertaken|jobs.purchase_order|jobs.main_contact_email",
		},
		{
			"jobs of Jobber at named properties", "jobs", "Job #|Client name|Service property name|Service street|Title",
			"Jobber", "jobs", "jobs.number|jobs.customer|jobs.site|jobs.site_address.line1|jobs.name",
		},
		{
			"our own customers", "customers-2026-11-22", "Number|Name|Company name|Phone|Mobile|Email Address|Street address|Postal address|Customer type|Account manager|Price level|Space for files (GB)|On hold|Payment terms|Purchase order required|Invoices are delivered|Invoices go to|Notes|Customer since|Archived",
			"Fieldgate", "customers", "customers.number|customers.name|customers.company_name|customers.phone|customers.mobile|customers.email|customers.street.whole|customers.postal.whole|customers.customer_type|customers.account_manager|customers.price_level|-|customers.on_hold|customers.payment_terms|customers.purchase_order_required|customers.invoice_delivery|customers.invoice_address|customers.notes|-|customers.archived",
		},
		{
			"somebody's own list", "Our clients", "Client|Contact person|Tel.|E-Mail|Street|Town|Post code|Comments",
			"", "", "customers.name|contacts.name|customers.phone|customers.email|customers.street.line1|customers.street.city|customers.street.postcode|customers.notes",
		},
		{
			"units on a list", "AC units", "Customer|Site|Unit|Make|Model No.|Serial No|Installed",
			"", "", "equipment.customer|equipment.site|equipment.name|equipment.make|equipment.model|equipment.serial_number|equipment.installed_on",
		},
		{
			"contacts of Xero", "Contacts", "*ContactName|AccountNumber|EmailAddress|FirstName|LastName|POAttentionTo|POAddressLine1|POAddressLine2|POCity|PORegion|POPostalCode|POCountry|SAAddressLine1|SACity|SARegion|SAPostalCode|PhoneNumber|FaxNumber|MobileNumber|TaxNumber",
			"Xero", "contacts", "customers.name|customers.number|customers.email|contacts.first_name|contacts.last_name|-|customers.postal.line1|customers.postal.line2|customers.postal.city|customers.postal.region|customers.postal.postcode|customers.postal.country|customers.street.line1|customers.street.city|customers.street.region|customers.street.postcode|customers.phone|-|customers.mobile|-",
		},
		{
			"cards of MYOB, whose addresses have the same heads", "CUST", "Co./Last Name|First Name|Card ID|Card Status|Addr 1 - Line 1|- Line 2|- City|- State|- Postcode|- Country|- Phone No. 1|- Phone No. 2|- Email|- Contact Name|Addr 2 - Line 1|- City (2)|Record ID",
			"MYOB", "cards", "customers.name|customers.first_name|customers.number|customers.archived|customers.street.line1|customers.street.line2|customers.street.city|customers.street.region|customers.street.postcode|customers.street.country|customers.phone|customers.mobile|contacts.email|contacts.name|-|-|customers.external_id",
		},
		{
			"customers of QuickBooks", "Customer Contact List", "Customer|Phone Numbers|Email|Full Name|Billing Address|Shipping Address|Terms|Open Balance",
			"QuickBooks", "customers", "customers.name|customers.phone|customers.email|contacts.name|customers.postal.whole|customers.street.whole|customers.payment_terms|-",
		},
		{
			"jobs of Housecall Pro", "jobs", "Invoice #|Id|Created At|Date|End Time|On Job Duration|Customer|Email|Address|Street|City|State|Zip|Description|Notes|Employee|Job Status|Finished",
			"Housecall Pro", "jobs", "jobs.number|jobs.external_id|jobs.created_at|jobs.booked_from|jobs.booked_until|-|jobs.customer|jobs.main_contact_email|-|jobs.site_address.line1|jobs.site_address.city|jobs.site_address.region|jobs.site_address.postcode|jobs.description|jobs.internal_notes|jobs.staff|jobs.status|jobs.completed_at",
		},
		{"a head that says two things", "customers", "Customer / Company Name|First Name|Last Name|Home Number|Email", "", "", "customers.name|contacts.first_name|contacts.last_name|customers.phone|customers.email"},
		{"an address in one cell", "Customers", "Customer Name|Phone|Physical Address|Postal Address", "", "", "customers.name|customers.phone|customers.street.whole|customers.postal.whole"},
		{"the first line of an address", "Customers", "Customer Name|Physical Address|Suburb|Street", "", "", "customers.name|customers.street.line1|customers.street.city|-"},
		{
			"nothing that is known", "Budget", "Q1|Q2|Q3",
			"", "", "-|-|-",
		},
	} {
		r := importing.Recognise("file.xlsx", tt.sheet, strings.Split(tt.heads, "|"))
		got := make([]string, len(r.Columns))
		for i, c := range r.Columns {
			if got[i] = string(c); c == "" {
				got[i] = "-"
			}
		}
		if r.Source != tt.source || r.Table != tt.table || strings.Join(got, "|") != tt.columns {
			t.Errorf("%s: %s %s\n%s\nwant %s %s\n%s", tt.name, r.Source, r.Table, strings.Join(got, "|"), tt.source, tt.table, tt.columns)
		}
	}
}

// Ids are kept under the name of the program that a file is from; those that would
// only be made of names, not where its connector has others.
func TestUnderWhichNameIdsAreKept(t *testing.T) {
	t.Parallel()
	for heads, want := range map[string]string{
		"J-ID|First Name|Last Name|Company Name": "jobber", "Customer Name|Phone|Terms": "",
		"Name|Billing Address|Is Individual|Phone": "", "uuid|Name|Billing Address|Is Individual|Phone": "servicem8",
	} {
		r := importing.Recognise("clients.csv", "clients", strings.Split(heads, "|"))
		tables := []importing.Table{{Name: "clients", Source: r.Source, Rows: 1}}
		if got := importing.SourceOf(tables, importing.Suggest(tables, []importing.Recognised{r})); got != want {
			t.Errorf("%s: %q, want %q", heads, got, want)
		}
	}
}

// What a field is known by is written as heads are compared.
func TestFieldsHaveTheirKinds(t *testing.T) {
	t.Parallel()
	for _, k := range importing.Kinds {
		if len(importing.FieldsOf(k)) == 0 || importing.Label(k) == "" {
			t.Errorf("%s has no fields or no words", k)
		}
	}
}
