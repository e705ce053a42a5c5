"""Postman's dynamic variables, such as `{{$guid}}`, as expressions of our templates."""

from __future__ import annotations

_DIRECTORIES = ["/bin", "/etc", "/home", "/opt/share", "/private/tmp", "/usr/local/bin", "/var/log"]
_LOCALES = ["de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "uk", "zh"]


def _one_of(*words: str) -> str:
    return f"random_choice({', '.join(map(repr, words))})"


_IMAGE = "fake.image_url()"
_WORDS = "fake.words(random_int(2, 5)) | join(' ')"

DYNAMIC: dict[str, str] = {
    "$guid": "uuid()",
    "$timestamp": "now(format='unix') | string",
    "$isoTimestamp": "now(format='%Y-%m-%dT%H:%M:%S.%f')[:23] ~ 'Z'",
    "$randomUUID": "uuid()",
    # text, numbers, colours
    "$randomAlphaNumeric": "random_string(1, 'abcdefghijklmnopqrstuvwxyz0123456789')",
    "$randomBoolean": "'true' if random_bool() else 'false'",
    "$randomInt": "random_int(0, 1000) | string",
    "$randomColor": "fake.color_name() | lower",
    "$randomHexColor": "'#' ~ random_string(6, 'hex')",
    "$randomAbbreviation": _one_of("TCP", "HTTP", "SQL", "JSON", "RAM", "GB", "CSS", "USB", "XML"),
    # internet
    "$randomIP": "fake.ipv4()",
    "$randomIPV6": "fake.ipv6()",
    "$randomMACAddress": "fake.mac_address()",
    "$randomPassword": "random_string(15)",
    "$randomLocale": _one_of(*_LOCALES),
    "$randomUserAgent": "fake.user_agent()",
    "$randomProtocol": _one_of("http", "https"),
    "$randomSemver": "random_int(0, 9) ~ '.' ~ random_int(0, 9) ~ '.' ~ random_int(0, 9)",
    "$randomDomainName": "fake.domain_name()",
    "$randomDomainSuffix": _one_of("com", "net", "org", "info", "biz", "name"),
    "$randomDomainWord": "fake.domain_word()",
    "$randomEmail": "fake.email()",
    "$randomExampleEmail": "fake.user_name() ~ '@example.com'",
    "$randomUserName": "fake.user_name()",
    "$randomUrl": "fake.url()",
    # people
    "$randomFirstName": "fake.first_name()",
    "$randomLastName": "fake.last_name()",
    "$randomFullName": "fake.name()",
    "$randomNamePrefix": "fake.prefix()",
    "$randomNameSuffix": "fake.suffix()",
    "$randomJobArea": _one_of("Accounts", "Brand", "Data", "Marketing", "Mobility", "Usability"),
    "$randomJobDescriptor": _one_of("Chief", "Corporate", "District", "Dynamic", "Lead", "Senior"),
    "$randomJobTitle": "fake.job()",
    "$randomJobType": _one_of("Analyst", "Coordinator", "Engineer", "Manager", "Officer", "Supervisor"),
    "$randomPhoneNumber": "random_string(3, 'digits') ~ '-555-' ~ random_string(4, 'digits')",
    "$randomPhoneNumberExt": (
        "random_int(10, 99) ~ '-' ~ random_string(3, 'digits') ~ '-555-' ~ random_string(4, 'digits')"
    ),
    # places
    "$randomCity": "fake.city()",
    "$randomStreetName": "fake.street_name()",
    "$randomStreetAddress": "fake.street_address()",
    "$randomCountry": "fake.country()",
    "$randomCountryCode": "fake.country_code()",
    "$randomLatitude": "random_float(-90, 90, 4) | string",
    "$randomLongitude": "random_float(-180, 180, 4) | string",
    # images
    "$randomAvatarImage": "'https://avatars.githubusercontent.com/u/' ~ random_int(0, 100000000)",
    "$randomImageUrl": _IMAGE,
    **dict.fromkeys(
        [
            f"$random{kind}Image"
            for kind in (
                "Abstract", "Animals", "Business", "Cats", "City", "Food", "Nightlife", "Fashion", "People",
                "Nature", "Sports", "Transport",
            )
        ],
        _IMAGE,
    ),
    "$randomImageDataUri": "'data:image/svg+xml;charset=UTF-8,%3Csvg%2F%3E'",
    # money and trade
    "$randomBankAccount": "random_string(8, 'digits')",
    "$randomBankAccountName": _one_of("Checking Account", "Credit Card Account", "Savings Account"),
    "$randomCreditCardMask": "random_string(4, 'digits')",
    "$randomBankAccountBic": "fake.swift()",
    "$randomBankAccountIban": "fake.iban()",
    "$randomTransactionType": _one_of("deposit", "invoice", "payment", "withdrawal"),
    "$randomCurrencyCode": "fake.currency_code()",
    "$randomCurrencyName": "fake.currency_name()",
    "$randomCurrencySymbol": _one_of("$", "€", "£", "¥", "₣"),
    "$randomBitcoin": "'1' ~ random_string(33)",
    "$randomCompanyName": "fake.company()",
    "$randomCompanySuffix": "fake.company_suffix()",
    "$randomBs": "fake.bs()",
    "$randomBsAdjective": _one_of("24/7", "cutting-edge", "one-to-one", "scalable", "seamless"),
    "$randomBsBuzz": _one_of("deliver", "embrace", "innovate", "orchestrate", "repurpose"),
    "$randomBsNoun": _one_of("e-services", "markets", "networks", "platforms", "solutions"),
    "$randomCatchPhrase": "fake.catch_phrase()",
    "$randomCatchPhraseAdjective": _one_of("Adaptive", "Automated", "Configurable", "Open-source"),
    "$randomCatchPhraseDescriptor": _one_of("asynchronous", "bandwidth-monitored", "modular", "stable"),
    "$randomCatchPhraseNoun": _one_of("algorithm", "circuit", "interface", "knowledge base"),
    "$randomDepartment": _one_of("Books", "Clothing", "Electronics", "Games", "Garden", "Health", "Tools"),
    "$randomPrice": "'%.2f' | format(random_float(0, 1000, 2))",
    "$randomProduct": _one_of("Bike", "Chair", "Cheese", "Computer", "Shoes", "Table", "Towels"),
    "$randomProductAdjective": _one_of("Ergonomic", "Handmade", "Incredible", "Practical", "Tasty"),
    "$randomProductMaterial": _one_of("Concrete", "Cotton", "Granite", "Plastic", "Steel", "Wooden"),
    "$randomProductName": (
        f"{_one_of('Ergonomic', 'Handmade', 'Practical', 'Tasty')} ~ ' ' ~ "
        f"{_one_of('Concrete', 'Cotton', 'Steel', 'Wooden')} ~ ' ' ~ {_one_of('Bike', 'Chair', 'Table')}"
    ),
    # databases, dates, files
    "$randomDatabaseColumn": _one_of("createdAt", "group", "id", "name", "status", "token", "updatedAt"),
    "$randomDatabaseType": _one_of("bigint", "boolean", "double", "point", "text", "timestamp", "varchar"),
    "$randomDatabaseCollation": _one_of("ascii_bin", "cp1250_bin", "utf8_bin", "utf8_general_ci"),
    "$randomDatabaseEngine": _one_of("ARCHIVE", "CSV", "InnoDB", "MEMORY", "MyISAM"),
    "$randomDatePast": "now(-random_int(1, 31536000))",
    "$randomDateFuture": "now(random_int(1, 31536000))",
    "$randomDateRecent": "now(-random_int(1, 86400))",
    "$randomMonth": "fake.month_name()",
    "$randomWeekday": "fake.day_of_week()",
    "$randomFileName": "fake.file_name()",
    "$randomFileType": _one_of("application", "audio", "font", "image", "model", "text", "video"),
    "$randomFileExt": "fake.file_extension()",
    "$randomCommonFileName": "fake.file_name()",
    "$randomCommonFileType": _one_of("application", "audio", "image", "text", "video"),
    "$randomCommonFileExt": _one_of("gif", "html", "jpeg", "mp3", "mp4", "pdf", "png", "wav"),
    "$randomFilePath": f"{_one_of(*_DIRECTORIES)} ~ '/' ~ fake.file_name()",
    "$randomDirectoryPath": _one_of(*_DIRECTORIES),
    "$randomMimeType": "fake.mime_type()",
    # words
    "$randomNoun": _one_of("alarm", "array", "bus", "driver", "firewall", "pixel", "protocol", "sensor"),
    "$randomVerb": _one_of("back up", "calculate", "compress", "copy", "index", "navigate", "parse"),
    "$randomIngverb": _one_of("calculating", "compressing", "connecting", "copying", "indexing", "parsing"),
    "$randomAdjective": _one_of("auxiliary", "digital", "neural", "optical", "redundant", "wireless"),
    "$randomWord": "fake.word()",
    "$randomWords": _WORDS,
    "$randomPhrase": "fake.sentence()",
    "$randomLoremWord": "fake.word()",
    "$randomLoremWords": "fake.words(3) | join(' ')",
    "$randomLoremSentence": "fake.sentence()",
    "$randomLoremSentences": "fake.sentences(random_int(2, 6)) | join(' ')",
    "$randomLoremParagraph": "fake.paragraph()",
    "$randomLoremParagraphs": "fake.paragraphs(3) | join('\\n')",
    "$randomLoremText": "fake.text()",
    "$randomLoremSlug": "fake.slug()",
    "$randomLoremLines": "fake.sentences(random_int(1, 5)) | join('\\n')",
}  # fmt: skip
"""By Postman's name, as its SDK lists them (`dynamic-variables.js`). Each gives text, as a variable in
Postman is replaced within a text. Where Faker has no such provider, one of some words of that kind."""
