package demo

// kind is a trade of customers: what they are called in the books, who picks
// up the phone there and which plant is on their roofs.
type kind struct {
	label string
	roles []string
	terms []string
	plant []string // types of equipment, the usual ones more than once
	rooms []string
}

var kinds = map[string]kind{
	"dental": {
		"Healthcare",
		[]string{"Practice Manager", "Front Desk", "Accounts", "Clinical Director"},
		[]string{"14 days", "30 days"},
		[]string{"Wall split", "Wall split", "Wall split", "Ceiling cassette", "Ceiling cassette", "Ducted split", "Exhaust fan", "Condensate pump"},
		[]string{"Surgery 1", "Surgery 2", "Surgery 3", "Surgery 4", "Reception", "Steri room", "Waiting room", "Plant room", "Staff room"},
	},
	"medical": {
		"Healthcare",
		[]string{"Practice Manager", "Facilities Manager", "Accounts"},
		[]string{"14 days", "30 days"},
		[]string{"Wall split", "Ceiling cassette", "Ducted split", "VRF outdoor unit", "Vaccine fridge", "Exhaust fan"},
		[]string{"Consult 1", "Consult 2", "Treatment room", "Reception", "Pathology", "Waiting room", "Comms room"},
	},
	"strata": {
		"Strata",
		[]string{"Strata Manager", "Building Manager", "Chairperson", "Caretaker", "Treasurer"},
		[]string{"30 days", "14 days from committee approval"},
		[]string{"Carpark exhaust fan", "Ducted split", "Wall split", "Corridor supply fan", "Pump room fan", "Stair pressurisation fan"},
		[]string{"Level B1 carpark", "Level B2 carpark", "Main switch room", "Lobby", "Gymnasium", "Roof", "Garbage room", "Lift motor room"},
	},
	"school": {
		"Education",
		[]string{"Business Manager", "Facilities Manager", "Grounds and Maintenance", "Principal's Assistant"},
		[]string{"30 days", "30 days end of month"},
		[]string{"Wall split", "Ceiling cassette", "Ducted split", "Rooftop package unit", "Evaporative cooler", "Exhaust fan"},
		[]string{"Library", "Hall", "Block A classroom 3", "Block B classroom 7", "Science lab 2", "Staff room", "Canteen", "Music room", "Demountable 4"},
	},
	"café": {
		"Hospitality",
		[]string{"Owner", "Venue Manager", "Head Chef", "Accounts"},
		[]string{"7 days", "14 days", "On completion"},
		[]string{"Ceiling cassette", "Wall split", "Cool room", "Kitchen exhaust fan", "Air curtain", "Under-bench fridge"},
		[]string{"Dining room", "Kitchen", "Bar", "Cool room", "Prep area", "Courtyard", "Roof"},
	},
	"gym": {
		"Fitness",
		[]string{"Club Manager", "Area Manager", "Owner", "Accounts"},
		[]string{"14 days", "30 days"},
		[]string{"Rooftop package unit", "Ducted split", "Ceiling cassette", "Exhaust fan", "Air curtain"},
		[]string{"Main floor", "Spin studio", "Yoga studio", "Change rooms", "Reception", "Free weights", "Roof"},
	},
	"warehouse": {
		"Industrial",
		[]string{"Warehouse Manager", "Operations Manager", "Safety Coordinator", "Accounts Payable"},
		[]string{"30 days end of month", "45 days"},
		[]string{"Evaporative cooler", "Ducted split", "Wall split", "Rooftop package unit", "Exhaust fan", "Cool room"},
		[]string{"Dispatch office", "Mezzanine", "Loading dock", "Pick face", "Server room", "Lunch room", "Roof"},
	},
	"aged care": {
		"Aged care",
		[]string{"Facility Manager", "Maintenance Officer", "Regional Property Manager", "Accounts"},
		[]string{"30 days"},
		[]string{"VRF outdoor unit", "Ceiling cassette", "Ducted split", "Fan coil unit", "Cool room", "Exhaust fan", "Wall split"},
		[]string{"Dining room", "Level 1 west wing", "Level 2 east wing", "Dementia unit", "Kitchen", "Laundry", "Nurses' station", "Roof plant"},
	},
	"office": {
		"Commercial",
		[]string{"Office Manager", "Facilities Manager", "Building Manager", "Accounts Payable"},
		[]string{"30 days", "30 days end of month"},
		[]string{"VRF outdoor unit", "Ceiling cassette", "Ducted split", "Fan coil unit", "Server room unit", "Rooftop package unit"},
		[]string{"Level 2 open plan", "Level 3 boardroom", "Comms room", "Reception", "Level 1 tenancy", "Roof plant", "Kitchenette"},
	},
	"shop": {
		"Retail",
		[]string{"Store Manager", "Owner", "Regional Manager", "Accounts"},
		[]string{"14 days", "30 days"},
		[]string{"Ceiling cassette", "Ducted split", "Wall split", "Air curtain", "Cool room"},
		[]string{"Shop floor", "Stock room", "Front counter", "Back office", "Cool room", "Roof"},
	},
	"motel": {
		"Accommodation",
		[]string{"Manager", "Owner", "Housekeeping", "Accounts"},
		[]string{"14 days", "30 days"},
		[]string{"Wall split", "Wall split", "Multi-split outdoor unit", "Exhaust fan", "Cool room"},
		[]string{"Room 4", "Room 11", "Room 12", "Room 23", "Reception", "Breakfast room", "Laundry"},
	},
	"home": {
		"Residential",
		[]string{"Owner", "Tenant"},
		[]string{"On completion", "7 days"},
		[]string{"Ducted split", "Wall split", "Multi-split outdoor unit"},
		[]string{"Living room", "Main bedroom", "Upstairs hall", "Study", "Roof space"},
	},
}

// client is a customer as the office knows it. A site is written
// "name|street|suburb|postcode"; streets and people are invented, suburbs are not.
type client struct {
	name, company, kind, domain string
	sites                       []string
}

var clients = []client{
	{"Harbour Dental Group", "Harbour Dental Group Pty Ltd", "dental", "harbourdental.example", []string{
		"Wharf Street rooms|Level 4, 18 Cutter Lane|Sydney|2000",
		"Parramatta clinic|12 Georgiana Street|Parramatta|2150",
		"Bondi Junction clinic|3 Tidewater Road|Bondi Junction|2022",
		"Chatswood clinic|Suite 9, 71 Belgrove Avenue|Chatswood|2067",
		"Miranda clinic|Shop 14, 6 Karinya Parade|Miranda|2228",
		"Head office and steri centre|27 Foundry Lane|Alexandria|2015",
	}},
	{"Pelican Point (SP 71204)", "The Owners – Strata Plan 71204", "strata", "pelicanpoint.example", []string{
		"Pelican Point, Tower A|40 Mariners Walk|Wentworth Point|2127",
		"Pelican Point, Tower B|42 Mariners Walk|Wentworth Point|2127",
		"Pelican Point retail|38 Mariners Walk|Wentworth Point|2127",
	}},
	{"Illawarra Road Medical Centre", "IRMC Services Pty Ltd", "medical", "irmc.example", []string{
		"Medical centre|311 Illawarong Road|Marrickville|2204",
		"Pathology collection|9 Garners Lane|Marrickville|2204",
	}},
	{"The Grain Store (SP 88321)", "The Owners – Strata Plan 88321", "strata", "grainstore.example", []string{
		"The Grain Store|5 Silo Street|Dulwich Hill|2203",
		"Grain Store commercial lots|7 Silo Street|Dulwich Hill|2203",
	}},
	{"The Owners – Strata Plan 90417, Meridian Waters Residential, Commercial and Marina Precinct (Stages 1, 2 and 3)", "The Owners – Strata Plan 90417", "strata", "meridianwaters.example", []string{
		"Stage 1 – Spinnaker|1 Mainsail Drive|Rhodes|2138", "Stage 2 – Halyard|3 Mainsail Drive|Rhodes|2138", "Stage 3 – Marina building|8 Jetty Close|Rhodes|2138",
	}},
	{"مطعم الأرز", "Al Arz Lebanese Restaurant Pty Ltd", "café", "alarz.example", []string{"Restaurant|214 Haldern Street|Lakemba|2195", "Sweets kitchen|2/18 Railside Avenue|Punchbowl|2196"}},
	{"金龍海鮮酒家 Golden Dragon", "Golden Dragon Seafood Pty Ltd", "café", "goldendragon.example", []string{"Restaurant|Level 1, 66 Dixmoor Street|Haymarket|2000"}},
	{"Banksia Grove Aged Care", "Banksia Grove Care Ltd", "aged care", "banksiagrove.example", []string{
		"Banksia Grove, Castle Hill|90 Old Orchard Road|Castle Hill|2154", "Banksia Grove, Hornsby|17 Burralow Street|Hornsby|2077", "Banksia Grove, Engadine|4 Waratah Rise|Engadine|2233",
	}},
	{"St Brendan's College", "Trustees of St Brendan's College", "school", "stbrendans.example", []string{
		"Senior campus|120 Abbotsleigh Street|Strathfield|2135", "Junior campus|15 Boyle Lane|Homebush|2140",
	}},
	{"Ironbark Fitness", "Ironbark Health Clubs Pty Ltd", "gym", "ironbarkfitness.example", []string{
		"Newtown club|402 Kingsmill Street|Newtown|2042", "Mascot club|Unit 3, 55 Coward Lane|Mascot|2020", "Brookvale club|21 Orara Court|Brookvale|2100", "Penrith club|7 Batt Lane|Penrith|2750",
	}},
	{"Tidal Coffee Roasters", "Tidal Coffee Pty Ltd", "café", "tidalcoffee.example", []string{
		"Roastery|Unit 6, 14 Chalmer Lane|Marrickville|2204", "Manly kiosk|2 Promenade Steps|Manly|2095", "Barangaroo café|Shop 5, 12 Stevedore Walk|Barangaroo|2000",
	}},
	{"Cumberland Cold Logistics", "Cumberland Cold Logistics Pty Ltd", "warehouse", "cumberlandcold.example", []string{
		"Distribution centre|88 Coldstore Road|Arndell Park|2148", "Cross-dock|3 Transit Place|Moorebank|2170",
	}},
	{"Fielding & Marsh Lawyers", "Fielding Marsh Services Pty Ltd", "office", "fieldingmarsh.example", []string{"Chambers|Level 11, 9 Assembly Row|Sydney|2000"}},
	{"Wattle Lane Early Learning", "Wattle Lane Childcare Pty Ltd", "school", "wattlelane.example", []string{
		"Ryde centre|6 Wattle Lane|Ryde|2112", "Epping centre|31 Rawdon Crescent|Epping|2121", "Kellyville centre|2 Greenhaven Way|Kellyville|2155",
	}},
	{"Northmead Veterinary Hospital", "Northmead Vets Pty Ltd", "medical", "northmeadvets.example", []string{"Hospital|140 Windmere Road|Northmead|2152"}},
	{"Southern Cross Print & Pack", "SCPP Holdings Pty Ltd", "warehouse", "scpp.example", []string{"Print works|19 Anvil Street|Smithfield|2164", "Finishing|2/40 Victoria Lane|Wetherill Park|2164"}},
	{"Bluegum Property Partners", "Bluegum Property Partners Pty Ltd", "office", "bluegumproperty.example", []string{
		"Bluegum House|60 Talavera Lane|Macquarie Park|2113", "Epping Road offices|Building C, 4 Eppington Road|North Ryde|2113", "Norwest business park|11 Brookhill Drive|Bella Vista|2153",
	}},
	{"Harbourside Rowing Club", "Harbourside Rowing Club Inc", "gym", "harboursiderowing.example", []string{"Boatshed|1 Slipway Road|Drummoyne|2047"}},
	{"Fernleigh Public Library Service", "Fernleigh Shire Library Service", "office", "fernleighlibrary.example", []string{"Central library|25 Civic Avenue|Sutherland|2232", "Branch library|8 Cronulla Steps|Cronulla|2230"}},
	{"Rosella Bakehouse", "Rosella Bakehouse Pty Ltd", "café", "rosellabakehouse.example", []string{"Bakery and shop|77 Norton Lane|Leichhardt|2040", "Production kitchen|Unit 2, 9 Parramatta Close|Camperdown|2050"}},
	{"Kurrajong Community Church", "Kurrajong Community Church Property Trust", "office", "kurrajongchurch.example", []string{"Church and hall|3 Chapel Row|Blacktown|2148"}},
	{"Aurora Pharmacy Group", "Aurora Pharmacies Pty Ltd", "shop", "aurorapharmacy.example", []string{
		"Burwood pharmacy|Shop 2, 188 Burwood Lane|Burwood|2134", "Hurstville pharmacy|70 Forestry Road|Hurstville|2220", "Campbelltown pharmacy|Shop 9, 4 Queenscliff Street|Campbelltown|2560", "Dee Why pharmacy|33 Pittwater Lane|Dee Why|2099",
	}},
	{"Saltbush Kitchen", "Saltbush Hospitality Pty Ltd", "café", "saltbushkitchen.example", []string{"Restaurant|91 Crownhill Street|Surry Hills|2010"}},
	{"Westbank Motor Group", "Westbank Automotive Pty Ltd", "shop", "westbankmotors.example", []string{"Showroom|300 Great Western Lane|Granville|2142", "Service centre|8 Boundary Place|Granville|2142"}},
	{"Lindfield Gardens (SP 20355)", "The Owners – Strata Plan 20355", "strata", "lindfieldgardens.example", []string{"Lindfield Gardens|14 Balfour Rise|Lindfield|2070"}},
	{"Quay Quarter Physio", "QQ Physiotherapy Pty Ltd", "medical", "qqphysio.example", []string{"Rooms|Suite 305, 2 Loftus Steps|Sydney|2000"}},
	{"Ashgrove Manor Aged Care", "Ashgrove Manor Ltd", "aged care", "ashgrovemanor.example", []string{"Ashgrove Manor|55 Liverpool Lane|Ashfield|2131", "Independent living units|57 Liverpool Lane|Ashfield|2131"}},
	{"Pacific Data Vaults", "Pacific Data Vaults Pty Ltd", "office", "pacificvaults.example", []string{"SYD-2 data hall|6 Lane Cove Circuit|Lane Cove West|2066", "SYD-3 data hall|101 Huntingdale Close|Silverwater|2128"}},
	{"Kingsgrove Tiles & Stone", "Kingsgrove Tile Centre Pty Ltd", "shop", "kingsgrovetiles.example", []string{"Showroom|33 Commercial Lane|Kingsgrove|2208"}},
	{"Maison Verte", "Maison Verte Florists Pty Ltd", "shop", "maisonverte.example", []string{"Studio|12 Glenmoor Road|Paddington|2021"}},
	{"Narrabeen Surf Life Saving Club", "Narrabeen SLSC Inc", "gym", "narrabeenslsc.example", []string{"Clubhouse|1 Ocean Parade|Narrabeen|2101"}},
	{"O'Shea Family Trust", "O'Shea Family Trust", "home", "oshea.example", []string{"House|8 Kooloora Avenue|Mosman|2088"}},
	{"Gurung Residence", "", "home", "gurung.example", []string{"House|19 Cassia Street|Auburn|2144"}},
	{"Torres & Vale Architects", "Torres Vale Pty Ltd", "office", "torresvale.example", []string{"Studio|Level 2, 40 Abercrombie Lane|Chippendale|2008"}},
	{"Hillside Brewing Co.", "Hillside Brewing Company Pty Ltd", "café", "hillsidebrewing.example", []string{"Brewery and taproom|Unit 1, 72 Lilian Fowler Lane|Marrickville|2204"}},
	{"Western Plains Credit Union", "Western Plains Credit Union Ltd", "office", "westernplains.example", []string{"Penrith branch|520 Highgate Street|Penrith|2750", "Mt Druitt branch|Shop 30, 2 Luxford Lane|Mount Druitt|2770"}},
	{"Redfern Arts Collective", "Redfern Arts Collective Ltd", "office", "redfernarts.example", []string{"Warehouse studios|111 Regent Lane|Redfern|2016"}},
	{"Macarthur Grammar School", "Macarthur Grammar School Ltd", "school", "macarthurgrammar.example", []string{"Campus|200 Narellan Rise|Narellan|2567", "Sports centre|2 Oval Drive|Narellan|2567"}},
	{"Seabreeze Motel", "Seabreeze Accommodation Pty Ltd", "motel", "seabreezemotel.example", []string{"Motel|64 Beach Parade|Brighton-Le-Sands|2216"}},
	{"Dhaliwal Transport", "Dhaliwal Transport Pty Ltd", "warehouse", "dhaliwaltransport.example", []string{"Depot|9 Roberts Lane|Greenacre|2190"}},
}

// The people at the customers' end: the languages of Sydney.
var firstNames = []string{
	"Priya", "Grace", "Daniel", "Linh", "Marco", "Aisha", "Tom", "Mei", "Georgia", "Ahmed", "Sofia", "Jack", "Hannah", "Raj", "Olivia", "Wei", "Nikos", "Leila", "Callum", "Yuki",
	"Fatima", "Liam", "Chloe", "Arjun", "Eleni", "Patrick", "Thuy", "Isabel", "Omar", "Kate", "Duc", "Ruby", "Stavros", "Amara", "Luke", "Jing", "Bridget", "Samir", "Tess", "Mateo",
	"Ngaire", "Vikram", "Renée", "Zoltán", "Siobhán", "Bronwyn", "Tariq", "Emily", "Koa", "Anneliese",
}

var lastNames = []string{
	"Raman", "O'Connor", "Nguyen", "Haddad", "Papadopoulos", "Chen", "Williams", "Singh", "Russo", "Kaur", "Murphy", "Zhang", "Abboud", "Taylor", "Pham", "Fernandez", "Campbell", "Ibrahim",
	"Kowalski", "Wong", "Anderson", "Patel", "Katsaros", "Rossi", "Mitchell", "Le", "Khoury", "Sharma", "Ferguson", "Tanaka", "Mbeki", "Vuković", "D'Souza", "Harrison", "Lam", "Walsh", "Hussain",
	"Santos", "Robertson", "Gupta", "Björkman", "Tupou", "Stewart", "Yilmaz", "Marino", "Bennett", "Cho", "de Silva", "Müller", "Ngata",
}
