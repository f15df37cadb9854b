// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/archive.hpp"

#include <nlohmann/json.hpp>

namespace enforced::daemon {
namespace {

using Json = nlohmann::json;

constexpr int version = 1; // of the form; another is not read

// Paths and texts that were read from files may hold any bytes, and JSON only UTF-8: each byte becomes the
// character of its number, and back.
std::string widen(const std::string& bytes) {
    std::string text;
    for (const unsigned char byte : bytes) {
        if (byte < 0x80) {
            text += static_cast<char>(byte);
        } else {
            text += static_cast<char>(0xc0 | (byte >> 6));
            text += static_cast<char>(0x80 | (byte & 0x3f));
        }
    }
    return text;
}

std::string narrow(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i++) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80 || i + 1 == text.size())
            bytes += static_cast<char>(byte);
        else
            bytes += static_cast<char>(((byte & 0x03) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3f));
    }
    return bytes;
}

Json json_of(const policy::Source& source) {
    return {{"path", widen(source.path)},     {"basename", widen(source.basename)}, {"rank", source.rank},
            {"amends", widen(source.amends)}, {"text", widen(source.text)},         {"masked", source.masked},
            {"fault", widen(source.fault)}};
}

policy::Source source_of(const Json& json) {
    policy::Source source;
    source.path = narrow(json.at("path"));
    source.basename = narrow(json.at("basename"));
    source.rank = json.at("rank");
    source.amends = narrow(json.at("amends"));
    source.text = narrow(json.at("text"));
    source.masked = json.at("masked");
    source.fault = narrow(json.at("fault"));
    return source;
}

Json json_of(const host::PolicyFile& file) {
    return {{"path", widen(file.path)},
            {"text", file.text ? Json(widen(*file.text)) : Json()},
            {"masking-link", file.masking_link}};
}

host::PolicyFile file_of(const Json& json) {
    host::PolicyFile file;
    file.path = narrow(json.at("path"));
    if (!json.at("text").is_null())
        file.text = narrow(json.at("text"));
    file.masking_link = json.at("masking-link");
    return file;
}

Json json_of(const Archive& archive) {
    Json sources = Json::array();
    for (const policy::Source& source : archive.sources)
        sources.push_back(json_of(source));
    return {{"version", version},           {"generation", archive.generation},
            {"released", archive.released}, {"sources", std::move(sources)},
            {"left-out", archive.left_out}, {"owners", archive.owners}};
}

Archive archive_of(const Json& json) {
    Archive archive;
    archive.generation = json.at("generation");
    archive.released = json.at("released");
    for (const Json& source : json.at("sources"))
        archive.sources.push_back(source_of(source));
    archive.left_out = json.at("left-out").get<std::set<std::string>>();
    archive.owners = json.at("owners").get<std::map<std::string, std::uint32_t>>();
    return archive;
}

Json json_of(const bus::Probation& probation) {
    return {{"id", probation.id},
            {"verb", bus::name_of(probation.change.verb)},
            {"policy", probation.change.policy},
            {"mode", probation.change.mode},
            {"uid", probation.maker.uid},
            {"sender", probation.maker.name},
            {"timeout-usec", probation.terms.timeout.value_or(0)},
            {"keep", probation.terms.keep},
            {"deadline-usec", probation.deadline}};
}

bus::Probation probation_of(const Json& json) {
    using bus::Verb;
    bus::Probation probation;
    const std::string verb = json.at("verb");
    for (const Verb each :
         {Verb::reload, Verb::load, Verb::unload, Verb::mode, Verb::make_permanent, Verb::release}) {
        if (bus::name_of(each) == verb)
            probation.change.verb = each;
    }
    probation.id = json.at("id");
    probation.change.policy = json.at("policy");
    probation.change.mode = json.at("mode");
    probation.maker = {json.at("sender"), json.at("uid")};
    probation.terms = {json.at("timeout-usec").get<std::uint64_t>(), json.at("keep")};
    probation.deadline = json.at("deadline-usec");
    return probation;
}

Record record_of(const Json& json) {
    Record record;
    record.probation = probation_of(json.at("probation"));
    record.bus = json.at("bus");
    record.before = archive_of(json.at("before"));
    for (const Json& file : json.at("files"))
        record.files.push_back(file_of(file));
    return record;
}

/// The library throws on what is not as expected.
template<class T>
Result<T> read(const std::string& text, T (*convert)(const Json&)) {
    try {
        const Json json = Json::parse(text);
        if (json.at("version") != version)
            return failure("is of another version");
        return convert(json);
    } catch (const Json::exception& error) {
        return failure(error.what());
    }
}

} // namespace

std::string write_archive(const Archive& archive) {
    return json_of(archive).dump();
}

Result<Archive> read_archive(const std::string& text) {
    return read<Archive>(text, archive_of);
}

std::string write_record(const Record& record) {
    Json files = Json::array();
    for (const host::PolicyFile& file : record.files)
        files.push_back(json_of(file));
    const Json json = {{"version", version},
                       {"probation", json_of(record.probation)},
                       {"bus", record.bus},
                       {"before", json_of(record.before)},
                       {"files", std::move(files)}};
    return json.dump();
}

Result<Record> read_record(const std::string& text) {
    return read<Record>(text, record_of);
}

} // namespace enforced::daemon
