// The nlohmann/json back end of the walk.
#include "json_edge.hpp"

namespace dvmeet {

walk::Kind JsonIn::kind() const {
    using Type = Json::value_t;
    if (json_ == nullptr) return walk::Kind::absent;
    switch (json_->type()) {
        case Type::null: return walk::Kind::null;
        case Type::boolean: return walk::Kind::boolean;
        case Type::number_integer:
        case Type::number_unsigned:
        case Type::number_float: return walk::Kind::number;
        case Type::string: return walk::Kind::text;
        case Type::array: return walk::Kind::list;
        case Type::object: return walk::Kind::object;
        default: return walk::Kind::absent;
    }
}

std::optional<std::string> JsonIn::text(std::size_t max) const {
    const auto& text = json_->get_ref<const std::string&>();
    if (text.size() > max) return std::nullopt;
    return text;
}

JsonIn JsonIn::get(std::string_view name) const {
    if (kind() != walk::Kind::object) return JsonIn{nullptr};
    const auto found = json_->find(std::string{name});
    return JsonIn{found == json_->end() ? nullptr : &*found};
}

walk::Verdict event_from_json(const Json& json, Event& out) {
    return walk::read_event(JsonIn{&json}, out);
}

Json event_to_json(const Event& event) { return walk::write_tagged<JsonOut>(event).take(); }

Json action_to_json(const Action& action) { return walk::write_tagged<JsonOut>(action).take(); }

}  // namespace dvmeet
