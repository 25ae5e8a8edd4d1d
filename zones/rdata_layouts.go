package zones

import "github.com/miekg/dns"

// field is one part of a record's data: how it is read from text, and how it is
// checked in wire form. what is its name in messages, size the bytes that a
// number takes, least the fewest bytes of the rest of a record, words the
// mnemonics for numbers.
type field struct {
	what  string
	read  func(q *quickData, p *field) string
	check func(w *wireData, p *field) bool
	size  int
	least int
	words mnemonics
}

// layout is the data of a type: its parts in order. small says that the names
// in it are small letters in canonical form, which is the form that is kept.
type layout struct {
	fields []field
	small  bool
}

// The kinds of parts.
func u8(what string) field  { return field{what: what, read: readNumber, check: checkBytes, size: 1} }
func u16(what string) field { return field{what: what, read: readNumber, check: checkBytes, size: 2} }
func u32(what string) field { return field{what: what, read: readNumber, check: checkBytes, size: 4} }

// code is a number that may be written as a word.
func code(what string, size int, words mnemonics) field {
	return field{what: what, read: readMnemonic, check: checkBytes, size: size, words: words}
}

var (
	target         = field{what: "name", read: readName, check: checkName}
	str            = field{what: "string", read: readString, check: checkString}
	strs           = field{what: "string", read: readStrings, check: checkStrings}
	algorithmField = code("algorithm", 1, algorithms)
	digestType     = code("digest type", 1, digests)
	hashType       = code("hash algorithm", 1, hashes)
	keyFlags       = field{what: "flags field", read: readKeyFlags, check: checkBytes, size: 2}
	protocol       = code("protocol", 1, protocols)
	covered        = field{what: "type", read: readType, check: checkBytes, size: 2}
	locator        = field{what: "locator", read: readLocator, check: checkBytes, size: 8}
	types          = field{what: "type", read: readTypes, check: checkTypes, least: 1}
	maybeTypes     = field{what: "type", read: readTypes, check: checkTypes}
	date           = field{what: "time", read: readDate, check: checkBytes, size: 4}
	when           = field{what: "time", read: readTime, check: checkBytes, size: 4}
	salt           = field{what: "salt", read: readSalt, check: checkString}
	gateway        = field{what: "gateway", read: readGateway, check: checkGateway}
	address4       = field{what: "address", read: readIPv4, check: checkBytes, size: 4}
)

// base64 and hex run to the end of the record and hold at least that many bytes.
func base64Field(least int) field {
	return field{what: "data", read: readBase64, check: checkRest, least: least}
}
func hexField(least int) field {
	return field{what: "data", read: readHex, check: checkRest, least: least}
}

// digest is hex data whose length follows from the type before it.
func digestField(least int, sizes ...int) field {
	return field{what: "digest", read: readDigest(sizes), check: checkDigest(sizes), least: least}
}

// special is data that has a reader and a check of its own.
func special(what string, read func(q *quickData, p *field) string, check func(w *wireData, p *field) bool) field {
	return field{what: what, read: read, check: check}
}

var (
	ds        = layout{fields: []field{u16("key tag"), algorithmField, digestType, digestField(1, 0, 20, 32, 0, 48)}}
	key       = layout{fields: []field{keyFlags, protocol, algorithmField, special("key", readPublicKey, checkKey)}}
	tlsa      = layout{fields: []field{u8("usage"), u8("selector"), u8("matching type"), hexField(1)}}
	strings1  = layout{fields: []field{strs}}
	svcb      = layout{fields: []field{u16("priority"), special("name", readAnyName, checkName), special("parameter", readParameters, checkParameters)}}
	plainKey  = layout{fields: []field{base64Field(1)}}
	plainHex  = layout{fields: []field{hexField(1)}}
	nodeID    = layout{fields: []field{u16("preference"), locator}}
	anything  = layout{fields: []field{{what: "data", read: readNothing, check: checkRest}}}
	oneName   = layout{fields: []field{target}, small: true}
	twoNames  = layout{fields: []field{target, target}, small: true}
	preferred = layout{fields: []field{u16("preference"), target}, small: true}
	signature = func(t field) layout {
		return layout{small: true, fields: []field{covered, algorithmField, u8("number of labels"), u32("original TTL"),
			t, t, u16("key tag"), target, base64Field(1)}}
	}
)

// layouts is the table of the data of every type that BIND knows. The small
// ones are those of RFC 4034 section 6.2, as RFC 6840 section 5.1 amends it.
//
// Source: BIND, lib/dns/rdata/*, and the RFC of each type.
var layouts = map[uint16]layout{
	dns.TypeNS: oneName, dns.TypeMD: oneName, dns.TypeMF: oneName, dns.TypeCNAME: oneName,
	dns.TypeMB: oneName, dns.TypeMG: oneName, dns.TypeMR: oneName, dns.TypePTR: oneName, dns.TypeDNAME: oneName,
	dns.TypeSOA:   {small: true, fields: []field{target, target, u32("serial"), u32("refresh"), u32("retry"), u32("expire"), u32("minimum")}},
	dns.TypeMINFO: twoNames, dns.TypeRP: twoNames,
	dns.TypeMX: preferred, dns.TypeAFSDB: preferred, dns.TypeRT: preferred, dns.TypeKX: preferred,
	dns.TypeAAAA:  {fields: []field{{what: "address", check: checkBytes, size: 16}}},
	dns.TypeHINFO: {fields: []field{str, str}},
	dns.TypeGPOS:  {fields: []field{str, str, str}},
	dns.TypeISDN:  {fields: []field{str, special("sub-address", readMaybeString, checkMaybeString)}},
	dns.TypeX25:   {fields: []field{special("address", readX25, checkX25)}},
	dns.TypeTXT:   strings1, dns.TypeSPF: strings1, dns.TypeAVC: strings1, dns.TypeNINFO: strings1,
	dns.TypeRESINFO: strings1, typeWALLET: strings1,
	dns.TypeLOC: {fields: []field{special("location", readLocation, checkLocation)}},
	dns.TypePX:  {small: true, fields: []field{u16("preference"), target, target}},
	dns.TypeNXT: {small: true, fields: []field{target, special("type", readOldTypes, checkOldTypes)}},
	dns.TypeSRV: {small: true, fields: []field{u16("priority"), u16("weight"), u16("port"), target}},
	dns.TypeNAPTR: {small: true, fields: []field{u16("order"), u16("preference"), str, str,
		special("regular expression", readRegex, checkRegex), target}},
	dns.TypeDS: ds, dns.TypeCDS: ds, dns.TypeTA: ds, dns.TypeDLV: ds,
	dns.TypeKEY: key, dns.TypeDNSKEY: key, dns.TypeCDNSKEY: key, dns.TypeRKEY: key,
	dns.TypeSSHFP:  {fields: []field{u8("algorithm"), u8("fingerprint type"), digestField(0, 0, 20, 32)}},
	dns.TypeZONEMD: {fields: []field{u32("serial"), u8("scheme"), u8("digest type"), digestField(12, 0, 48, 64)}},
	dns.TypeCERT:   {fields: []field{code("certificate type", 2, certificates), u16("key tag"), algorithmField, base64Field(1)}},
	dns.TypeRRSIG:  signature(when), dns.TypeSIG: signature(date),
	dns.TypeNSEC:       {fields: []field{target, types}},
	dns.TypeNSEC3:      {fields: []field{hashType, u8("flags"), u16("iterations"), salt, special("next hash", readNextHash, checkNextHash), maybeTypes}},
	dns.TypeNSEC3PARAM: {fields: []field{hashType, u8("flags"), u16("iterations"), salt}},
	dns.TypeTLSA:       tlsa, dns.TypeSMIMEA: tlsa,
	dns.TypeHIP: {fields: []field{special("host identity", readHostIdentity, checkHostIdentity)}},
	dns.TypeIPSECKEY: {fields: []field{u8("precedence"), special("gateway type", readGatewayType, checkBytes1), u8("algorithm"),
		gateway, base64Field(1)}},
	dns.TypeAMTRELAY: {fields: []field{u8("precedence"), special("relay type", readRelayType, checkBytes1), special("relay", readGateway, checkRelay)}},
	dns.TypeTALINK:   {fields: []field{target, target}},
	dns.TypeCSYNC:    {fields: []field{u32("serial"), u16("flags"), maybeTypes}},
	dns.TypeNID:      nodeID, dns.TypeL64: nodeID,
	dns.TypeL32:   {fields: []field{u16("preference"), address4}},
	dns.TypeLP:    {fields: []field{u16("preference"), target}},
	dns.TypeEUI48: {fields: []field{{what: "address", read: readEUI, check: checkBytes, size: 6}}},
	dns.TypeEUI64: {fields: []field{{what: "address", read: readEUI, check: checkBytes, size: 8}}},
	dns.TypeURI:   {fields: []field{u16("priority"), u16("weight"), special("target", readQuoted, checkRest)}},
	dns.TypeCAA:   {fields: []field{u8("flags"), special("tag", readTag, checkTag), special("value", readLongString, checkRest)}},
	dns.TypeDHCID: plainKey, dns.TypeOPENPGPKEY: plainKey, typeHHIT: plainKey, typeBRID: plainKey,
	dns.TypeEID: plainHex, dns.TypeNIMLOC: plainHex,
	dns.TypeSVCB: svcb, dns.TypeHTTPS: svcb,
	dns.TypeAPL:    {fields: []field{special("prefix", readPrefixes, checkPrefixes)}},
	typeA6:         {small: true, fields: []field{special("address", readA6, checkA6)}},
	typeWKS:        {fields: []field{address4, special("service", readServices, checkServices)}},
	typeNSAP:       {fields: []field{special("address", readNSAP, checkNSAP)}},
	typeNSAPPTR:    oneName, // not in that list, but BIND takes it so
	typeATMA:       {fields: []field{special("address", readATMA, checkATMA)}},
	typeSINK:       {fields: []field{u8("meaning"), u8("coding"), u8("sub-coding"), base64Field(0)}},
	typeDOA:        {fields: []field{u32("enterprise"), u32("type"), u8("location"), str, special("data", readMaybeBase64, checkRest)}},
	typeDSYNC:      {fields: []field{covered, code("scheme", 1, schemes), u16("port"), target}},
	typeKEYDATA:    {fields: []field{special("key", readKeyData, checkRest)}},
	dns.TypeNULL:   anything,
	dns.TypeUINFO:  anything,
	dns.TypeUID:    anything,
	dns.TypeGID:    anything,
	dns.TypeUNSPEC: anything,
}

// Types that miekg/dns has no name for.
const (
	typeWKS     = 11
	typeNSAP    = 22
	typeNSAPPTR = 23
	typeATMA    = 34
	typeA6      = 38
	typeSINK    = 40
	typeDSYNC   = 66
	typeHHIT    = 67
	typeBRID    = 68
	typeDOA     = 259
	typeWALLET  = 262
	typeKEYDATA = 65533
)

// lowLayouts is the table again for the types below 512, which are nearly all
// records there are.
var lowLayouts [512]*layout

func init() {
	for t, l := range layouts {
		if int(t) < len(lowLayouts) {
			lowLayouts[t] = &l
		}
	}
}

// layoutOf is the layout of a type, nil for one that BIND does not know. In
// a class other than IN, types that belong to IN have none.
func layoutOf(rtype, class uint16) *layout {
	if class != dns.ClassINET && traitsOf[rtype]&inOnly != 0 {
		return nil
	}
	if int(rtype) < len(lowLayouts) {
		return lowLayouts[rtype]
	}
	if l, ok := layouts[rtype]; ok {
		return &l
	}
	return nil
}
