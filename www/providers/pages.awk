# One page for each provider, and an index: how a site registers there, and what to write into its configuration.
#
#   LC_ALL=C awk -v out=FOLDER -f pages.awk lib/providers.ini www/providers/notes.ini
#
# All that can be said comes from the records, so that no page can differ from what the programs do; the notes say where
# to click, and what goes wrong. Whatever comes from either is escaped on its way into a page.

BEGIN {
    protocols["oidc"] = "OpenID Connect"
    protocols["oauth2"] = "OAuth 2.0"
    protocols["oauth1"] = "OAuth 1.0a"
    # What a template asks for that nobody sets: it is known in the course of a login.
    split("client_id client_secret redirect_uri state access_token id_token post_logout_redirect_uri instance", words, " ")
    for (i in words) known_later[words[i]] = 1
}

# ---- reading ----------------------------------------------------------------------------------------

FNR == 1 { files++ }
/^; ---- / && files == 1 { group = $0; gsub(/^; -+ | -+$/, "", group) }
/^\[provider / && files == 1 { id = substr($0, 11, length($0) - 11); ids[++count] = id; groups[id] = group; record[id] = "" }
/^\[/ && files == 2 { id = substr($0, 2, length($0) - 2); noted[id] = 1 }
/^[a-z]/ {
    name = $0; sub(/ *=.*/, "", name)
    value = $0; sub(/^[^=]*= */, "", value)
    if (files == 1) { records[id, name] = value; settings[id, ++settings_count[id]] = name }
    else notes[id, name] = value
}

# ---- small things -----------------------------------------------------------------------------------

function fail(message) { print "pages.awk: " message >"/dev/stderr"; failed = 1; exit 1 }

function of(name) { return records[id, name] }
function note(name) { return notes[id, name] }
function either(value, otherwise) { return value != "" ? value : otherwise }

function escape(text) {
    gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text); gsub(/"/, "\\&quot;", text)
    return text
}
function code(text) { return "<code>" escape(text) "</code>" }
function link(url, text) { return "<a href=\"" escape(url) "\">" escape(text) "</a>" }
function without_scheme(url) { sub(/^https:\/\//, "", url); sub(/\/$/, "", url); return url }

# `Backticks` and https addresses; all else is text.
function marked_up(text,    parts, n, i, result) {
    n = split(text, parts, "`")
    for (i = 1; i <= n; i++) result = result (i % 2 ? linked(parts[i]) : code(parts[i]))
    return result
}
function linked(text,    url, result) {
    while (match(text, /https:\/\/[^ ,;]+/)) {
        url = substr(text, RSTART, RLENGTH)
        result = result escape(substr(text, 1, RSTART - 1)) link(url, without_scheme(url))
        text = substr(text, RSTART + RLENGTH)
    }
    return result escape(text)
}
function sentence(text) { return text == "" ? "" : " " marked_up(text) }

function put(line) { print line >page }

# ---- what a site must say ---------------------------------------------------------------------------

# The variables of a record, in their order, as wanted[1..]: its templates' {names}, and its expressions' variable:names.
function find_wanted(    i, name) {
    wanted_count = 0
    split("", seen)
    for (i = 1; i <= settings_count[id]; i++) {
        name = settings[id, i]
        if (name ~ /^claim_|^userinfo_sub$|^email_owner_claim$/) want_all(of(name), "variable:[a-z0-9_]+", 9, 0)
        else want_all(of(name), "[{][a-z][a-z0-9_]*[}]", 1, 1)
    }
}
function want_all(text, pattern, before, behind,    name) {
    while (match(text, pattern)) {
        name = substr(text, RSTART + before, RLENGTH - before - behind)
        text = substr(text, RSTART + RLENGTH)
        if (!(name in known_later) && !(name in seen) && of(name) == "") wanted[++wanted_count] = name
        seen[name] = 1
    }
}

function setting(name, value) {
    if (value == "") fail(id ": value_" name " is missing in the notes")
    return escape(name " = " value) "\n"
}
function makes_secret() { return of("client_secret_issuer") != "" }
function registers_itself() { return of("registration") != "" && of("registration") != "manual" }

# The section to copy, escaped.
function section(    text, i) {
    text = escape("[provider " id "]") "\n"
    if (!registers_itself()) text = text setting("client_id", note("value_client_id"))
    if (!registers_itself() && !makes_secret()) text = text setting("client_secret", "the-secret-it-gave-you")
    for (i = 1; i <= wanted_count; i++) text = text setting(wanted[i], note("value_" wanted[i]))
    if (makes_secret()) {
        text = text setting("private_key_id", note("value_private_key_id"))
        text = text setting("private_key_file", note("value_private_key_file"))
    }
    for (i = 1; note("optional_" i) != ""; i++) text = text escape("; " note("optional_" i)) "\n"
    return text
}

# ---- pages ------------------------------------------------------------------------------------------

function mark() {
    return "<span class=\"mark mark-" id "\" aria-hidden=\"true\">" escape(either(of("button_mark"), substr(of("label"), 1, 1))) "</span>"
}
function heading() { return either(note("title"), of("label")) }

function put_head(title, description) {
    put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")
    put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">")
    put("<meta name=\"description\" content=\"" escape(description) "\">\n<title>" escape(title) "</title>")
    put("<link rel=\"icon\" href=\"../favicon.svg\">\n<link rel=\"stylesheet\" href=\"../site.css\">")
    put("<link rel=\"stylesheet\" href=\"providers.css\">\n<link rel=\"stylesheet\" href=\"marks.css\">\n</head>\n<body>\n<header>")
    put("<a class=\"brand\" href=\"../index.html\">Latchkey <span>providers</span></a>\n<nav aria-label=\"Site\">")
    put("<a href=\"../index.html\">Home</a>\n<a href=\"index.html\"" (id == "" ? " aria-current=\"page\"" : "") ">Providers</a>")
    put("</nav>\n</header>\n<main>")
}
function put_foot() {
    put("</main>\n<footer><p>Made from the records that the programs use. Names and colors belong to the services they stand for.</p></footer>")
    put("</body>\n</html>")
    close(page)
}

function put_step(title, body) { put("<li><h3>" title "</h3>\n" body "</li>") }

function put_steps(    uri, called) {
    put("<h2>What to do</h2>\n<ol class=\"steps\">")
    put_step("Register your site", "<p>" link(of("service_documentation"), without_scheme(of("service_documentation"))) "</p>\n<p>" marked_up(note("register")) "</p>")
    uri = "https://www.example.org/cgi-bin/callback.cgi/" id
    if (note("redirect_uri") != "no")
        put_step("Enter the redirect URI", "<p>It is called “" marked_up(note("redirect_uri")) "” there. With your own host instead of the example:</p>\n" \
            "<pre><code>" escape(uri) "</code></pre>")
    if (note("client_id") != "") called = "“" escape(note("client_id")) "” there is <code>client_id</code> here"
    if (note("client_secret") != "") called = called ", and “" escape(note("client_secret")) "” is <code>client_secret</code>"
    put_step("Write the configuration", "<p>" (called != "" ? called ". " : "") "This goes into <code>/etc/latchkey.conf</code>:</p>\n" \
        "<pre><code>" section() "</code></pre>")
    put("</ol>")
}

function put_fact(name, value) { if (value != "") put("<div><dt>" name "</dt>\n<dd>" value "</dd></div>") }

function scopes(    n, list, i, text) {
    n = split(of("scope"), list, " ")
    for (i = 1; i <= n; i++) text = text (i > 1 ? " " : "") code(list[i])
    return text == "" ? "No scope: what may be read is set at the service." : text
}

function email_trust(    trust, domains) {
    trust = of("email_trust")
    domains = of("email_domains"); gsub(/ /, ", ", domains)
    if (trust == "always") return "always: only verified ones are told."
    if (trust == "domains") return "if it ends in one of: " code(domains) "."
    if (trust == "never" && groups[id] ~ /tenant/ && of("instance") == "")
        return "never, since its administrators can write what they like. If you trust them as you trust yourself, add " code("email_trust = claim") "."
    if (trust == "never") return "never."
    return "if " code(either(of("claim_email_verified"), "email_verified")) " says so" \
        (domains != "" ? ", and it is of " code(domains) " or there is " code(of("email_owner_claim")) : "") "."
}

function protection(    text) {
    text = of("type") == "oauth1" ? "signatures and a verifier" : "<code>state</code>, bound to the browser"
    if (of("type") != "oauth1" && of("code_challenge_method") != "none") text = text "; PKCE"
    if (of("type") == "oidc" && of("nonce") != "no") text = text "; a nonce"
    return text
}

function offline_access(    text) {
    if (of("offline_access_scope") != "") text = "the scope " code(of("offline_access_scope"))
    if (of("offline_access_parameters") != "") text = code(of("offline_access_parameters"))
    return text == "" ? "" : code("offline_access = yes") " adds " text "."
}

function put_facts() {
    put("<h2>What it does</h2>\n<dl class=\"facts\">")
    put_fact("Protocol", protocols[of("type")])
    put_fact("Asked for", scopes())
    put_fact("An address counts as verified", note("email") ~ /tells no address/ ? marked_up(note("email")) : email_trust() sentence(note("email")))
    put_fact("Who it is", code(either(of("claim_sub"), "sub")) " of " code(either(of("identity_issuer"), of("issuer"))))
    put_fact("What protects the login", protection())
    put_fact("Refresh tokens", offline_access())
    put("</dl>")
}

function put_troubles(    i) {
    if (note("trouble_1") == "") return
    put("<h2>What is known to go wrong</h2>\n<ul class=\"troubles\">")
    for (i = 1; note("trouble_" i) != ""; i++) put("<li>" marked_up(note("trouble_" i)) "</li>")
    put("</ul>")
}

function put_record(    i, text) {
    for (i = 1; i <= settings_count[id]; i++) text = text escape(settings[id, i] " = " of(settings[id, i])) "\n"
    put("<details>\n<summary>The record: what Latchkey knows of " escape(heading()) "</summary>")
    put("<p>Each of these settings can be set otherwise in your section.</p>\n<pre><code>" text "</code></pre>\n</details>")
}

function make_page(    lead) {
    page = out "/" id ".html"
    find_wanted()
    put_head(heading() " · Latchkey", "How a site lets people sign in with " heading() ".")
    put("<h1 class=\"provider\">" mark() " " escape(heading()) "</h1>")
    lead = either(marked_up(note("about")), "People sign in with the account they have at " escape(of("label")) ".")
    if (of("unsupported") != "") {
        put("<p class=\"lead\">Not yet: " escape(of("unsupported")) ". Its record is here so that configuring it says why.</p>")
        put("<p>" marked_up(note("trouble_1")) "</p>\n<p>" link(of("service_documentation"), without_scheme(of("service_documentation"))) "</p>")
    } else {
        put("<p class=\"lead\">" lead "</p>")
        put_steps(); put_facts(); put_troubles(); put_record()
    }
    put_foot()
}

function make_index(    i, last, title) {
    page = out "/index.html"
    id = ""
    put_head("Providers · Latchkey", "The services that people can sign in with.")
    put("<h1>Services to sign in with</h1>")
    put("<p class=\"lead\">" count " services, and what to do at each of them. Any other that speaks OpenID Connect needs no page: its issuer is enough.</p>")
    for (i = 1; i <= count; i++) {
        id = ids[i]
        if (i == 1 || groups[id] != last) put((i == 1 ? "" : "</ul>\n") "<h2>" escape(groups[id]) "</h2>\n<ul class=\"providers\">")
        last = groups[id]
        title = of("unsupported") != "" ? "not yet" : protocols[of("type")]
        put("<li><a href=\"" escape(id) ".html\">" mark() " <span><strong>" escape(heading()) "</strong> <small>" title "</small></span></a></li>")
    }
    put("</ul>")
    put_foot()
}

function make_style(    i) {
    page = out "/marks.css"
    for (i = 1; i <= count; i++) {
        id = ids[i]
        put(".mark-" id " {\n    background: " of("button_background") ";\n    color: " of("button_color") ";\n}\n")
    }
    close(page)
}

# Ids become names of files and classes, and colors a style sheet: these are not escaped but judged.
function check(    i) {
    for (i = 1; i <= count; i++) {
        id = ids[i]
        if (id !~ /^[a-z0-9]+$/) fail("an id has letters and digits: " id)
        if (of("type") != "" && !(of("type") in protocols)) fail(id ": type " of("type"))
        if (of("button_background") of("button_color") !~ /^#[0-9A-Fa-f]+#[0-9A-Fa-f]+$/) fail(id ": colors")
        if (of("service_documentation") !~ /^https:\/\//) fail(id ": service_documentation")
        if (!(id in noted)) fail(id " has no notes")
        if (note("register") == "") fail(id ": register is missing in the notes")
        delete noted[id]
    }
    for (id in noted) fail("notes of nobody: " id)
}

END {
    if (failed) exit 1
    check()
    make_style()
    for (n = 1; n <= count; n++) { id = ids[n]; make_page() }
    make_index()
}
